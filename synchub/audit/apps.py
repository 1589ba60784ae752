from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "synchub.audit"
    label = "audit"
    verbose_name = "Audit log"
