"""How PostgreSQL says that it undid a transaction because of others, in the languages that it speaks.

It speaks the one of the machine that it was set up on (`lc_messages`), whatever language Odoo is asked in. A fault of Odoo's names the
exception's class besides; of what `load` answers, these words are all there is.
"""

import re

_CLASSES = r"\b(?:SerializationFailure|DeadlockDetected|LockNotAvailable|TransactionRollback\w*|InFailedSqlTransaction)\b"
# As PostgreSQL's own translations have it; of those to Portuguese and Polish only the first.
_WORDS = (
    # could not serialize access due to …
    r"could not serialize access|nicht serialisieren wegen|no se pudo serializar el acceso|pu sérialiser un accès"
    r"|serializza(?:zione dell['’]|re l['’])accesso|serializar (?:o )?acesso|serializować dostęp|inte serialisera åtkomst"
    r"|не удалось сериализовать доступ|не вдалося серіалізувати доступ|アクセスの直列化ができません|无法(?:串行|序列化)访问"
    r"|순차적 액세스가 불가능|serialize 접근을 할 수 없",
    # deadlock detected
    r"deadlock detected|\(deadlock\) entdeckt|detectado un deadlock|interblocage \(deadlock\)|rilevato deadlock|deadlock upptäckt"
    r"|обнаружена взаимоблокировка|виявлено взаємне блокування|デッドロックを検出|检测到死锁|deadlock 발생했음",
    # could not obtain lock on row in relation …
    r"could not obtain lock|konnte Sperre für Zeile|no se pudo bloquear un candado|pu obtenir un verrou|lock di riga nella relazione"
    r"|kunde inte låsa rad|не удалось получить блокировку|не вдалося отримати блокування|行ロックを取得できません"
    r"|无法在关系.{1,70}上获得锁|잠금 정보를 구할 수 없",
    # canceling statement due to lock timeout
    r"due to lock timeout|Zeitüberschreitung einer Sperre|tiempo de espera de candados|pour l['’]obtention des verrous"
    r"|a causa di timeout di lock|på grund av lås-timeout|тайм-аута блокировки|тайм-аут блокування|ロックのタイムアウトのため|由于锁超时"
    r"|잠금 대기 시간 초과",
)

# current transaction is aborted, commands ignored until end of transaction block
_ABORTED = (
    r"current transaction is aborted|aktuelle Transaktion wurde abgebrochen|transacción abortada|la transaction est annulée"
    r"|transazione corrente è interrotta|aktuella transaktionen har avbrutits|текущая транзакция прервана"
    r"|поточна транзакція перервана|トランザクションがアボート|当前事务被终止|현재 트랜잭션은 중지"
)

ABORTED = re.compile(_ABORTED, re.IGNORECASE)
ROLLED_BACK = re.compile("|".join((*_WORDS, _ABORTED, _CLASSES)), re.IGNORECASE)
