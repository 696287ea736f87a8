// Says on the page what allauth's scripts tell the console alone: that a key did not answer.
(function () {
  const refused = document.getElementById('key-refused')
  const unsupported = document.getElementById('key-unsupported')
  const button = document.getElementById('use-key')

  if (!window.PublicKeyCredential) {
    unsupported.hidden = false
    button.disabled = true
    return
  }
  document.addEventListener('allauth.error', function (event) {
    event.preventDefault()
    refused.hidden = false
  })
  button.addEventListener('click', function () {
    refused.hidden = true
  })
  // The return key in the field of the name would send the form without a key's answer.
  button.form.addEventListener('submit', function (event) {
    event.preventDefault()
    button.click()
  })
})()
