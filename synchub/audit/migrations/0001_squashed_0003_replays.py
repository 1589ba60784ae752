"""All migrations of this app until here in one: a new hub is set up in half of the time. Those that it replaces stay for hubs
that have not seen the last of them."""

import django.contrib.postgres.indexes
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("audit", "0001_initial"),
        ("audit", "0002_bodies_and_searches"),
        ("audit", "0003_replays"),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Exchange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('direction', models.CharField(choices=[('in', 'a consumer asked the hub'), ('odoo', 'the hub asked Odoo')], max_length=8)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('endpoint', models.CharField(blank=True, max_length=63)),
                ('connection', models.CharField(blank=True, max_length=63)),
                ('access_key', models.CharField(blank=True, help_text='name of the access key, never the key', max_length=63)),
                ('key_id', models.BigIntegerField(blank=True, null=True)),
                ('address', models.CharField(blank=True, max_length=64)),
                ('method', models.CharField(help_text='POST, or the method called in Odoo', max_length=128)),
                ('target', models.CharField(help_text='the path, or the model in Odoo', max_length=500)),
                ('record', models.CharField(blank=True, help_text='the identifier, as the address or the answer has it', max_length=255)),
                ('headers', models.TextField(blank=True, help_text='those that matter to what is asked; never Authorization')),
                ('status', models.CharField(help_text='HTTP status, or ok / fault N / the kind of failure; accepted: not answered yet', max_length=16)),
                ('failed', models.BooleanField(default=False)),
                ('records', models.PositiveIntegerField(blank=True, null=True)),
                ('milliseconds', models.PositiveIntegerField(default=0)),
                ('request_bytes', models.PositiveBigIntegerField(default=0)),
                ('response_bytes', models.PositiveBigIntegerField(default=0)),
                ('request', models.TextField(blank=True, help_text='the body, redacted and cut')),
                ('lacks', models.CharField(blank=True, choices=[('secrets', 'what looked like a secret is hidden'), ('rest', 'it is kept in part only'), ('body', 'the body is not kept')], max_length=8)),
                ('response', models.TextField(blank=True, help_text='the body, redacted and cut')),
                ('replay_of', models.BigIntegerField(blank=True, help_text='the exchange that was sent again', null=True)),
                ('replayed_by', models.CharField(blank=True, db_default='', help_text='who has sent it again from admin', max_length=150)),
                ('replayed_at', models.DateTimeField(blank=True, help_text='when it was itself sent again', null=True)),
                ('sent_again_by', models.CharField(blank=True, db_default='', max_length=150)),
            ],
            options={
                'ordering': ['-id'],
                'permissions': [('replay_exchange', 'Can send a request of the audit log again')],
                'indexes': [django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='exchange_at'), models.Index(condition=models.Q(('request_id', ''), _negated=True), fields=['request_id'], name='exchange_request_id'), models.Index(fields=['endpoint', '-id'], name='exchange_endpoint'), models.Index(condition=models.Q(('access_key', ''), _negated=True), fields=['access_key', '-id'], name='exchange_access_key'), models.Index(condition=models.Q(('record', ''), _negated=True), fields=['record'], name='exchange_record'), models.Index(condition=models.Q(('failed', True)), fields=['-id'], name='exchange_failed')],
            },
        ),
    ]
