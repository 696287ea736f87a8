from .category import Category
from .centre import CoordinationCentre, Membership, Role
from .evidence import Attachment, OriginalRequest, SealedPiece
from .finding import Credibility, EvidenceType, Finding, Outcome, Reliability
from .log import LogEntry
from .notice import Notice
from .pages import ReportFormPage
from .referral import Agency, Referral
from .report import Channel, Escalation, RejectReason, Report, Status, When
from .sealed import SealedText
from .settings import ReportingSettings

__all__ = [
    "Agency",
    "Attachment",
    "Category",
    "Channel",
    "CoordinationCentre",
    "Credibility",
    "Escalation",
    "EvidenceType",
    "Finding",
    "LogEntry",
    "Membership",
    "Notice",
    "OriginalRequest",
    "Outcome",
    "Referral",
    "RejectReason",
    "Reliability",
    "Report",
    "ReportFormPage",
    "ReportingSettings",
    "Role",
    "SealedPiece",
    "SealedText",
    "Status",
    "When",
]
