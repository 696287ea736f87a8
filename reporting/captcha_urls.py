"""The captcha's picture; the library's sound and refresh addresses are not used and not there."""

from django.urls import path

from reporting.views import public

app_name = "report_captcha"
urlpatterns = [path("<slug:key>/", public.captcha_picture, name="picture")]
