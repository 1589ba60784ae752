"""All migrations of this app until here in one: a new hub is set up in half of the time. Those that it replaces stay for hubs
that have not seen the last of them."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import synchub.crypto
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ("mappings", "0001_initial"),
        ("mappings", "0002_relations"),
        ("mappings", "0003_known_identifiers"),
        ("mappings", "0004_lines_without_code"),
        ("mappings", "0005_scripts"),
        ("mappings", "0006_schema_problems"),
        ("mappings", "0007_line_conflicts"),
        ("mappings", "0008_paused_by"),
        ("mappings", "0009_line_language"),
        ("mappings", "0010_webhook"),
    ]

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ConfigVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.BigIntegerField(default=0)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_config_version')],
            },
        ),
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='lower case letters, digits, - and _, beginning with a letter, at most 63 characters', max_length=63, unique=True)),
                ('url', models.CharField(help_text='https://mycompany.odoo.com', max_length=500, verbose_name='address')),
                ('url_env', models.CharField(blank=True, help_text='Name of an environment variable that holds the address; it wins over the address above.', max_length=100, verbose_name='address from variable')),
                ('database', models.CharField(help_text='On Odoo Online this is the first part of the address.', max_length=100)),
                ('login', models.CharField(help_text='The login of a user of its own for the hub is best.', max_length=200)),
                ('secret', synchub.crypto.EncryptedTextField(blank=True, help_text='In Odoo: Preferences → Account Security → New API Key.', verbose_name='API key or password')),
                ('secret_env', models.CharField(blank=True, help_text='Name of an environment variable that holds the secret; it wins over the one above.', max_length=100, verbose_name='secret from variable')),
                ('company_id', models.PositiveIntegerField(blank=True, help_text="Odoo's id of the company to work in; empty: the user's own.", null=True, verbose_name='company')),
                ('language', models.CharField(blank=True, help_text="fr_FR; empty: en_US, Odoo's own. A line may name another one.", max_length=16)),
                ('time_zone', models.CharField(blank=True, help_text="Europe/Brussels; empty: the Odoo user's own.", max_length=64)),
                ('concurrency', models.PositiveSmallIntegerField(default=4, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(64)], verbose_name='calls at once')),
                ('rate_per_second', models.FloatField(blank=True, help_text='Empty: no limit.', null=True, validators=[django.core.validators.MinValueValidator(0.01)], verbose_name='calls per second')),
                ('read_timeout', models.FloatField(default=130.0, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3600)], verbose_name='seconds to wait for an answer')),
                ('webhook_digest', models.CharField(blank=True, editable=False, help_text="of the token in the address that Odoo's webhook calls", max_length=64)),
                ('paused_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('paused_by', models.CharField(blank=True, editable=False, help_text='empty: the hub itself, after a refused login', max_length=150)),
                ('paused_reason', models.TextField(blank=True, editable=False)),
                ('last_ok_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='last answer')),
                ('last_error', models.TextField(blank=True, editable=False)),
                ('last_error_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^[a-z][a-z0-9_\\-]{0,62}$')), name='connection_name_valid', violation_error_message='lower case letters, digits, - and _, beginning with a letter, at most 63 characters')],
            },
        ),
        migrations.CreateModel(
            name='KnownIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('connection', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='mappings.connection')),
                ('model', models.CharField(max_length=128)),
                ('field', models.CharField(max_length=128)),
                ('value', models.TextField(help_text='as JSON')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('connection', 'model', 'field', 'value'), name='identifier_once')],
            },
        ),
        migrations.CreateModel(
            name='LookupTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='lower case letters, digits, - and _, beginning with a letter, at most 63 characters', max_length=63, unique=True)),
                ('on_unknown', models.CharField(choices=[('error', 'refuse the write'), ('pass', 'pass it on as it is'), ('empty', 'make it empty')], default='error', help_text="Odoo's own values cannot be refused: those in no row are shown as empty, or passed on.", max_length=8, verbose_name='values in no row')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^[a-z][a-z0-9_\\-]{0,62}$')), name='lookup_table_name_valid', violation_error_message='lower case letters, digits, - and _, beginning with a letter, at most 63 characters')],
            },
        ),
        migrations.CreateModel(
            name='LookupRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='mappings.lookuptable')),
                ('position', models.PositiveIntegerField(default=0)),
                ('external', models.JSONField(blank=True, help_text='As JSON: "open", 5, true. Empty: null.', null=True, verbose_name='outside')),
                ('odoo', models.JSONField(blank=True, help_text='As JSON: "draft", 5, true. Empty: null.', null=True, verbose_name='in Odoo')),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.UniqueConstraint(fields=('table', 'external', 'odoo'), name='lookup_row_once', nulls_distinct=False, violation_error_message='Another row of this table says the same.')],
            },
        ),
        migrations.CreateModel(
            name='Mapping',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='lower case letters, digits, - and _, beginning with a letter, at most 63 characters', max_length=63, unique=True)),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mappings', to='mappings.connection')),
                ('model', models.CharField(help_text='res.partner', max_length=128, verbose_name='Odoo model')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name__regex', '^[a-z][a-z0-9_\\-]{0,62}$')), name='mapping_name_valid', violation_error_message='lower case letters, digits, - and _, beginning with a letter, at most 63 characters'), models.CheckConstraint(condition=models.Q(('model__regex', '^[a-z][a-z0-9_]*(\\.[a-z0-9_]+)*$')), name='mapping_model_valid')],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mapping', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='mappings.mapping')),
                ('position', models.PositiveIntegerField(default=0)),
                ('key', models.CharField(help_text='letters, digits, - and _, beginning with a letter; a dot reaches into nested JSON (address.city)', max_length=200, verbose_name='external key')),
                ('field', models.CharField(help_text='The technical name: country_id', max_length=128, verbose_name='Odoo field')),
                ('language', models.CharField(blank=True, help_text="fr_FR: the value in this language of Odoo; empty: in the connection's.", max_length=16)),
                ('kind', models.CharField(choices=[('plain', 'plain value'), ('relation', 'other records, through their own mapping'), ('script', 'a script makes the value')], default='plain', max_length=16)),
                ('nested', models.ForeignKey(blank=True, help_text='How the records behind a relation look. One with nothing but its identifier shows plain values.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='used_by', to='mappings.mapping', verbose_name='mapping of the other records')),
                ('on_missing', models.CharField(choices=[('error', 'refuse the write'), ('create', 'create it'), ('empty', 'leave it out')], default='error', max_length=8, verbose_name='if none is found')),
                ('on_several', models.CharField(choices=[('error', 'refuse the write'), ('first', 'take the oldest')], default='error', max_length=8, verbose_name='if several are found')),
                ('direction', models.CharField(choices=[('both', 'both ways'), ('to_odoo', 'to Odoo only'), ('from_odoo', 'from Odoo only')], default='both', max_length=16)),
                ('required', models.BooleanField(default=False, help_text='A new record must bring this key.')),
                ('default', models.JSONField(blank=True, help_text='Used for a new record that lacks the key, as JSON: "contact", 5, true.', null=True)),
                ('constant', models.JSONField(blank=True, help_text='This value, as JSON, is written to each record and cannot be sent from outside. From Odoo only: it is what is shown.', null=True)),
                ('write_when', models.CharField(blank=True, choices=[('always', 'always'), ('on_create', 'when the record is created'), ('if_empty', 'while Odoo has no value')], default='always', max_length=16, verbose_name='written')),
                ('conflicts', models.CharField(blank=True, choices=[('', 'as the endpoint does'), ('odoo', 'Odoo wins'), ('hub', 'the hub wins'), ('newest', 'the newest wins'), ('ask', 'ask a person')], default='', max_length=8, verbose_name='changed on both sides')),
                ('table', models.ForeignKey(blank=True, help_text='Which values of Odoo the values outside stand for.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='mappings.lookuptable', verbose_name='lookup table')),
                ('pattern', models.CharField(blank=True, help_text='%d/%m/%Y or %Y-%m-%d %H:%M; empty: ISO 8601.', max_length=64, verbose_name='date pattern')),
                ('time_zone', models.CharField(blank=True, help_text='Of a date and time outside: Europe/Brussels; empty: UTC.', max_length=64)),
                ('decimal_sign', models.CharField(blank=True, help_text='“,” or “.”: the number is text outside, like 1234,56.', max_length=1)),
                ('thousands_sign', models.CharField(blank=True, help_text='Of a number that is text outside.', max_length=1)),
                ('decimals', models.PositiveSmallIntegerField(blank=True, help_text='Round the number to so many decimals, both ways.', null=True, validators=[django.core.validators.MaxValueValidator(9)])),
                ('trim', models.BooleanField(default=False, help_text='Drop space before and after the text.')),
                ('case', models.CharField(blank=True, choices=[('', 'as it is'), ('upper', 'CAPITALS'), ('lower', 'small letters'), ('title', 'Each Word With A Capital')], default='', max_length=8, verbose_name='letters')),
                ('script', models.TextField(blank=True, help_text='Python, in a sandbox; the last line is the value.')),
                ('script_mode', models.CharField(choices=[('evaluate', "evaluate: it gives the field's value"), ('execute', 'execute: it has an effect when the change is pushed')], default='evaluate', max_length=8)),
                ('script_examples', models.JSONField(blank=True, default=list, help_text='They have to pass before the script is saved: [{"request_data": {…}, "record": {…}, "expected": …}].')),
                ('identifier', models.BooleanField(default=False, help_text='Exactly one line: its value names a record in the address of the API.')),
            ],
            options={
                'ordering': ['position', 'id'],
                'permissions': [('edit_scripts', 'Can write scripts of lines')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('identifier', True)), fields=('mapping',), name='one_identifier_per_mapping', violation_error_message='A mapping has one identifier only.'), models.UniqueConstraint(fields=('mapping', 'key', 'direction'), name='key_once_per_direction', violation_error_message='Another line of this mapping has the same key and direction.'), models.CheckConstraint(condition=models.Q(('key__regex', '^[A-Za-z_][A-Za-z0-9_\\-]*(\\.[A-Za-z_][A-Za-z0-9_\\-]*){0,7}$')), name='line_key_valid', violation_error_message='letters, digits, - and _, beginning with a letter; a dot reaches into nested JSON (address.city)'), models.CheckConstraint(condition=models.Q(('field__regex', '^[a-z][A-Za-z0-9_]*$')), name='line_field_valid'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'relation'), ('nested__isnull', False)), models.Q(models.Q(('kind', 'relation'), _negated=True), ('nested', None)), _connector='OR'), name='relation_has_mapping', violation_error_message='A relation needs a mapping of the other records, and nothing else has one.')],
            },
        ),
        migrations.CreateModel(
            name='ModelNames',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('connection', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='model_names', to='mappings.connection')),
                ('names', models.JSONField(default=dict, help_text='technical name → label: res.partner → Contact')),
                ('read_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': "names of Odoo's models",
                'verbose_name_plural': "names of Odoo's models",
            },
        ),
        migrations.CreateModel(
            name='OdooModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('connection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='odoo_models', to='mappings.connection')),
                ('model', models.CharField(max_length=128)),
                ('fields', models.JSONField(help_text='field → its facts, as fields_get gives them')),
                ('read_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'Odoo model',
                'ordering': ['model'],
                'constraints': [models.UniqueConstraint(fields=('connection', 'model'), name='odoo_model_once')],
            },
        ),
        migrations.CreateModel(
            name='SchemaProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mapping', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='schema_problems', to='mappings.mapping')),
                ('line', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='schema_problems', to='mappings.line')),
                ('endpoint', models.CharField(blank=True, help_text="whose domain or parameters it is about; empty: the mapping's own lines", max_length=63)),
                ('field', models.CharField(blank=True, max_length=128)),
                ('text', models.TextField()),
                ('severity', models.CharField(choices=[('broken', 'does not work'), ('warning', 'may not work for some records')], max_length=8)),
                ('was', models.JSONField(default=dict)),
                ('first_seen_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'difference to Odoo',
                'verbose_name_plural': 'differences to Odoo',
                'ordering': ['severity', 'id'],
            },
        ),
    ]
