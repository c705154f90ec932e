"""Log in, log out, choose a password."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.views import LoginView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from enrolment.people import access
from enrolment.people.forms import LogInForm, PasswordForm
from enrolment.people.models import User
from enrolment.people.queries.accounts import demo_doors
from enrolment.people.services.log_ins import (
    note_failed_log_in,
    note_log_in,
    note_new_password,
)


class LogIn(LoginView):
    """E-mail and password; in the demo one button per role too."""

    template_name = "people/log_in.html"
    form_class = LogInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        note_log_in(user=form.get_user())
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        email = form.cleaned_data.get("username", "")
        note_failed_log_in(email=email, place=access.place(self.request))
        return super().form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(doors=demo_doors(), **kwargs)


@login_not_required
@require_POST
def demo_log_in(request: HttpRequest, user_id: UUID) -> HttpResponse:
    user = access.demo_user(user_id)
    login(request, user)
    note_log_in(user=user)
    return redirect("desk:start")


@method_decorator(login_not_required, name="dispatch")
class ChoosePassword(PasswordResetConfirmView):
    """Choose a password by the link from the e-mail."""

    template_name = "people/choose_password.html"
    form_class = PasswordForm
    success_url = reverse_lazy("people:log_in")
    post_reset_login = False

    def form_valid(self, form: "SetPasswordForm[User]") -> HttpResponse:
        response = super().form_valid(form)
        note_new_password(user=form.user)
        messages.success(self.request, _("Your password is saved. Log in with it."))
        return response
