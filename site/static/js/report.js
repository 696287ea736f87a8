// Comforts only: form and receipt work without this file. Nothing is kept on the phone.
(function () {
  "use strict";
  var district = document.getElementById("id_district");
  var subdistrict = document.getElementById("id_subdistrict");

  if (district && subdistrict) {
    var groups = Array.prototype.slice.call(subdistrict.querySelectorAll("optgroup"));
    // Hidden options still show in some browsers, so the others are taken out.
    var narrow = function () {
      var chosen = subdistrict.value;
      groups.forEach(function (group) {
        var fits = !district.value || group.getAttribute("data-district") === district.value;
        if (fits) subdistrict.appendChild(group);
        else if (group.parentNode) subdistrict.removeChild(group);
      });
      subdistrict.value = chosen;
      if (subdistrict.selectedIndex < 0) subdistrict.selectedIndex = 0;
    };
    district.addEventListener("change", narrow);
    // A subdistrict tells its district; showing it says what will be sent.
    subdistrict.addEventListener("change", function () {
      var option = subdistrict.options[subdistrict.selectedIndex];
      var group = option && option.parentNode;
      if (district.value || !group || !group.hasAttribute("data-district")) return;
      district.value = group.getAttribute("data-district");
      narrow();
    });
    // A mismatch that the server complains about stays in sight until one of the two is changed.
    if (!subdistrict.hasAttribute("aria-invalid")) narrow();
  }

  Array.prototype.forEach.call(document.querySelectorAll("[data-print]"), function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
