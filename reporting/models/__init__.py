from .absence import Absence
from .agency import Agency
from .category import Category
from .centre import CoordinationCentre, Membership, Role
from .desk import Fold, SavedFilter
from .dialogue import Message
from .endpoint import Endpoint
from .evidence import Attachment, OriginalRequest, SealedPiece
from .export import Export, ExportEntry, ExportPiece
from .finding import Credibility, EvidenceType, Finding, Outcome, Reliability
from .line import LineCode, LineLink
from .log import LogEntry
from .notice import LineNotice, Notice, Owed
from .pages import ReportFormPage
from .referral import Referral, Stage, numbered
from .report import Channel, ContactMethod, Escalation, RejectReason, Report, Status
from .review import AccessReview, Confirmation
from .sealed import SealedText
from .settings import ReportingSettings
from .sketch import Sketch, SketchBand
from .taken_down import Draft, Slip, TakenDown
from .telling import Telling
from .when import When

__all__ = [
    "Absence",
    "AccessReview",
    "Agency",
    "Attachment",
    "Category",
    "Channel",
    "Confirmation",
    "ContactMethod",
    "CoordinationCentre",
    "Credibility",
    "Draft",
    "Endpoint",
    "Escalation",
    "EvidenceType",
    "Export",
    "ExportEntry",
    "ExportPiece",
    "Finding",
    "Fold",
    "LineCode",
    "LineLink",
    "LineNotice",
    "LogEntry",
    "Membership",
    "Message",
    "Notice",
    "OriginalRequest",
    "Outcome",
    "Owed",
    "Referral",
    "RejectReason",
    "Reliability",
    "Report",
    "ReportFormPage",
    "ReportingSettings",
    "Role",
    "SavedFilter",
    "SealedPiece",
    "SealedText",
    "Sketch",
    "SketchBand",
    "Slip",
    "Stage",
    "Status",
    "TakenDown",
    "Telling",
    "When",
    "numbered",
]
