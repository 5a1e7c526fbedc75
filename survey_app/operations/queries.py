"""Reading how safe the installation is: the last seal, the last check of the trail, the last backup."""

from sqlalchemy import select

from survey_app.core.db import session
from survey_app.operations.models import AuditBlock, AuditCheck, BackupRun


def last_seal() -> AuditBlock | None:
    """The head of the chain over the audit trail."""
    return session.scalar(select(AuditBlock).order_by(AuditBlock.number.desc()).limit(1))


def last_audit_check() -> AuditCheck | None:
    """The youngest check of the whole trail by the daily job."""
    return session.scalar(select(AuditCheck).order_by(AuditCheck.id.desc()).limit(1))


def last_backup() -> BackupRun | None:
    """The youngest backup that succeeded."""
    wanted = select(BackupRun).where(BackupRun.ok.is_(True))
    return session.scalar(wanted.order_by(BackupRun.id.desc()).limit(1))
