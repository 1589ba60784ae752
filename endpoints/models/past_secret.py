"""What access keys had before, so that nothing revoked is allowed again by a file that still has it."""

from django.db import models

from endpoints.models.access import AccessKey


class PastSecret(models.Model):
    """A token or password that an access key no longer has: its digest or hash, as the key had it. See `endpoints.revoked`."""

    key = models.ForeignKey(AccessKey, on_delete=models.SET_NULL, null=True, related_name="past_secrets")
    login = models.CharField(max_length=200, blank=True, help_text="of a password; empty for a token")
    secret = models.CharField(max_length=255)
    revoked = models.BooleanField(default=False, help_text="the key was revoked with it, or after it")

    class Meta:
        indexes = [models.Index(fields=["login", "secret"], name="past_secret")]

    def __str__(self) -> str:
        return f"a {'password' if self.login else 'token'} of the past"
