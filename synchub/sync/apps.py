from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "synchub.sync"
    label = "sync"
