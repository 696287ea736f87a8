"""The admin's first page. For a headman, who has no pages to look for, it is the form."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.admin.auth import user_has_any_page_permission
from wagtail.admin.views.home import HomeView

from reporting.permissions import may_take_down, works_on_reports


class AdminHomeView(HomeView):
    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        has_more = works_on_reports(user) or user_has_any_page_permission(user)
        if may_take_down(user) and not has_more:
            return redirect("intake:index")
        return super().get(request, *args, **kwargs)
