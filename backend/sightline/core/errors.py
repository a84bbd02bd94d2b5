"""Errors that the product knows, and how they reach a person.

AppError                        status  code                   exit
├── InvalidInput                422     invalid_input          2
│   ├── ImageRejected           422     image_rejected         2     unreadable, too large, several frames
│   ├── FaceRefused             422     face_refused           2     carries the faces that were seen
│   │   ├── NoFaceFound         422     no_face_found          2
│   │   ├── SeveralFacesFound   422     several_faces_found    2
│   │   └── LowQuality          422     low_quality            2
│   ├── GalleryInvalid          422     gallery_invalid        2
│   ├── PairsInvalid            422     pairs_invalid          2
│   ├── SourceInvalid           422     source_invalid         2     malformed address, unsupported scheme
│   │   └── AddressNotAllowed   422     address_not_allowed    2     the policy for cameras' addresses refuses it
│   ├── ConfigInvalid           422     config_invalid         2     a setting cannot be used
│   ├── SignatureRefused        403     signature_refused      2     a signed address that was changed or has expired
│   ├── AddressRefused          422     address_refused        2     an outgoing address that the policy forbids
│   ├── NotMeasured             422     not_measured           2     an error rate that the data does not support
│   ├── MessageInvalid          422     message_invalid        2     a message on a stream that is none of ours
│   ├── NotFound                404     not_found              2     no such record, or not visible to the caller
│   ├── Gone                    410     gone                   2     was there, and has been removed as announced
│   ├── Conflict                409     conflict               2     contradicts a record that exists
│   │   ├── DuplicateImage      409     duplicate_image        2     this subject has the very same picture
│   │   └── LooksLikeOther      409     looks_like_other       2     another subject looks like the same person
│   ├── PreconditionRequired    428     precondition_required  2     an update without If-Match
│   ├── PreconditionFailed      412     precondition_failed    2     somebody changed the record in between
│   ├── PurposeRequired         422     purpose_required       2     the policy asks why somebody looks
│   ├── ApprovalRequired        403     approval_required      2     the policy asks for a second person
│   ├── UnsupportedMedia        415     unsupported_media      2     a body of another type than the route takes
│   ├── TooLarge                413     too_large              2     a body, picture or archive beyond its limit
│   ├── Forbidden               403     forbidden              2     the database's policies refuse it
│   │   ├── PasswordChangeRequired 403  password_change_required 2   a new password comes before everything else
│   │   └── PasswordRefused     403     password_refused       2     asked again, password or code is wrong
│   ├── Unauthenticated         401     unauthenticated        2     nobody is logged in, or the login has ended
│   │   ├── LoginRefused        401     login_refused          2     name, password or link are not right
│   │   └── SecondFactorRequired 401    second_factor_required 2     the password was right; a code is needed too
│   ├── IdempotencyKeyReused    422     idempotency_key_reused 2     the key came with another request before
│   ├── AnswerNotKept           409     answer_not_kept        2     a repeated request was done before
│   └── TooManyAttempts         429     too_many_attempts      2     wait before the next one
│       └── RateLimited         429     rate_limited           2     more requests per minute than are allowed
├── MediaError                  502     media_error            3
│   ├── SourceNotFound          404     source_not_found       3
│   ├── SourceUnreachable       502     source_unreachable     3
│   ├── SourceDenied            502     source_denied          3     wrong user or password
│   ├── SourceStalled           504     source_stalled         3
│   ├── SourceEnded             502     source_ended           3     a live source closed the connection
│   ├── NotAVideo               422     not_a_video            3
│   ├── NoVideoStream           422     no_video_stream        3     audio only
│   ├── CodecUnavailable        422     codec_unavailable      3
│   └── ControlRefused          502     control_refused        3     a camera that cannot be moved, or will not
├── ModelPackError              500     model_pack_error       4
│   ├── PackNotInstalled        503     pack_not_installed     4
│   ├── PackDamaged             500     pack_damaged           4     wrong checksum, missing file, wrong shapes
│   ├── PackNotAvailable        502     pack_not_available     4     a download failed
│   └── LicenceNotAccepted      403     licence_not_accepted   4
├── DeliveryFailed              502     delivery_failed        3     the addressee of a notification does not take it
│   └── DeliveryRefused         502     delivery_refused       3     and never will: trying again is of no use
└── ServiceUnavailable          503     service_unavailable    5     database, queue or object store cannot be used
    ├── DataFolderUnusable      503     data_folder_unusable   5     not writable, full, of a newer version, another's
    ├── DataFolderHeld          409     data_folder_held       5     another sightline runs in it
    ├── DatabaseUnreachable     503     database_unreachable   5     nobody answers, or the login is refused
    ├── DatabaseUnsuitable      503     database_unsuitable    5     no pgvector, other major or foreign schema
    ├── PortTaken               409     port_taken             5
    ├── LeaseLost               409     lease_lost             5     another worker holds this camera now
    ├── StreamFull              503     stream_full            5     the Redis server has no memory left
    ├── SecretUnreadable        503     secret_unreadable      5     a sealed secret was changed, or its key is lost
    └── StorageError            503     storage_error          5     wrong secret, no answer
        └── ObjectNotFound      404     object_not_found       5

Every error says what happened (message) and what to do next (hint); neither may hold a secret.
"""

from uuid import UUID

from sightline.domain.quality import ExaminedFace

EXIT_UNEXPECTED = 1
EXIT_INTERRUPTED = 130


class AppError(Exception):
    """Root of the tree above. hint says what to do next, in one sentence."""

    status = 500
    code = "error"
    exit_code = EXIT_UNEXPECTED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInput(AppError):
    """What the caller gave cannot be used."""

    status, code, exit_code = 422, "invalid_input", 2


class ImageRejected(InvalidInput):
    """An image that cannot be read or is not safe to decode."""

    code = "image_rejected"


class FaceRefused(InvalidInput):
    """A picture whose faces do not serve. faces: what was seen in it, the principal one first."""

    code = "face_refused"

    def __init__(self, message: str, *, hint: str = "", faces: tuple[ExaminedFace, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.faces = faces


class NoFaceFound(FaceRefused):
    """No face in an image that should show one."""

    code = "no_face_found"


class SeveralFacesFound(FaceRefused):
    """More than one face in an image that should show one person."""

    code = "several_faces_found"


class LowQuality(FaceRefused):
    """A face too small, blurred, dark or turned to be enrolled."""

    code = "low_quality"


class GalleryInvalid(InvalidInput):
    """A gallery folder that cannot be used."""

    code = "gallery_invalid"


class PairsInvalid(InvalidInput):
    """A file of labelled pairs that cannot be used."""

    code = "pairs_invalid"


class SourceInvalid(InvalidInput):
    """The address of a source is malformed or its scheme is not supported."""

    code = "source_invalid"


class AddressNotAllowed(SourceInvalid):
    """The policy for addresses of cameras refuses it, as it stands or where its name or a redirect leads."""

    code = "address_not_allowed"


class ConfigInvalid(InvalidInput):
    """A setting cannot be used."""

    code = "config_invalid"


class SignatureRefused(InvalidInput):
    """A signed address that was changed, or has expired."""

    status, code = 403, "signature_refused"


class AddressRefused(InvalidInput):
    """An address that requests of ours must not go to, by its form or by where it leads."""

    code = "address_refused"


class NotMeasured(InvalidInput):
    """An error rate was asked for that the pack's data does not support."""

    code = "not_measured"


class MessageInvalid(InvalidInput):
    """A message on a stream that cannot be understood: a field is missing, of a wrong form, or of a newer version."""

    status, code = 422, "message_invalid"


class NotFound(InvalidInput):
    """No such record, or none that the caller may see."""

    status, code = 404, "not_found"


class Gone(InvalidInput):
    """What was there has been removed, as was announced."""

    status, code = 410, "gone"


class Conflict(InvalidInput):
    """The request contradicts a record that exists already."""

    status, code = 409, "conflict"


class DuplicateImage(Conflict):
    """The subject has the very same picture already."""

    code = "duplicate_image"


class LooksLikeOther(Conflict):
    """Another subject looks like the same person. subject_id: who; similarity: cosine, -1 to 1."""

    code = "looks_like_other"

    def __init__(self, message: str, *, hint: str = "", subject_id: UUID, similarity: float) -> None:
        super().__init__(message, hint=hint)
        self.subject_id = subject_id
        self.similarity = similarity


class Forbidden(InvalidInput):
    """The database's policies refuse this to the acting principal."""

    status, code = 403, "forbidden"


class PasswordChangeRequired(Forbidden):
    """The account's password has to be changed before anything else."""

    code = "password_change_required"


class PasswordRefused(Forbidden):
    """Somebody who is logged in was asked for their password again, and it or the code is wrong."""

    code = "password_refused"


class Unauthenticated(InvalidInput):
    """Nobody is logged in, or the login has ended."""

    status, code = 401, "unauthenticated"


class LoginRefused(Unauthenticated):
    """Name, password or one-time link are not right; which of them is not said."""

    code = "login_refused"


class SecondFactorRequired(Unauthenticated):
    """Name and password are right, and the account asks for a code too."""

    code = "second_factor_required"


class TooManyAttempts(InvalidInput):
    """Too many attempts in a row. retry_after: seconds to wait."""

    status, code = 429, "too_many_attempts"

    def __init__(self, message: str, *, hint: str = "", retry_after: int = 1) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class RateLimited(TooManyAttempts):
    """More requests per minute than are allowed."""

    code = "rate_limited"


class IdempotencyKeyReused(InvalidInput):
    """An Idempotency-Key that came with another request before."""

    code = "idempotency_key_reused"


class AnswerNotKept(InvalidInput):
    """A request with the same Idempotency-Key was done, and its answer is not given twice."""

    status, code = 409, "answer_not_kept"


class PreconditionRequired(InvalidInput):
    """An update came without If-Match, so it could overwrite somebody else's."""

    status, code = 428, "precondition_required"


class PreconditionFailed(InvalidInput):
    """The record is no longer the one that the caller read."""

    status, code = 412, "precondition_failed"


class PurposeRequired(InvalidInput):
    """The policy asks why somebody looks at people, and nothing was stated."""

    code = "purpose_required"


class ApprovalRequired(InvalidInput):
    """The policy asks for a second person's approval."""

    status, code = 403, "approval_required"


class UnsupportedMedia(InvalidInput):
    """A body of another type than the route takes."""

    status, code = 415, "unsupported_media"


class TooLarge(InvalidInput):
    """A body, picture or archive beyond its limit."""

    status, code = 413, "too_large"


class MediaError(AppError):
    """A source failed."""

    status, code, exit_code = 502, "media_error", 3


class SourceNotFound(MediaError):
    """No such file, or the camera knows no such stream."""

    status, code = 404, "source_not_found"


class SourceUnreachable(MediaError):
    """Nobody answers at the source's address."""

    code = "source_unreachable"


class SourceDenied(MediaError):
    """The source refused user or password."""

    code = "source_denied"


class SourceStalled(MediaError):
    """The source is connected but sends nothing."""

    status, code = 504, "source_stalled"


class SourceEnded(MediaError):
    """A live source closed the connection."""

    code = "source_ended"


class NotAVideo(MediaError):
    """What was opened is no video."""

    status, code = 422, "not_a_video"


class NoVideoStream(MediaError):
    """The source carries no video, only sound for example."""

    status, code = 422, "no_video_stream"


class CodecUnavailable(MediaError):
    """The video's codec cannot be decoded here."""

    status, code = 422, "codec_unavailable"


class ControlRefused(MediaError):
    """A camera does not take a command to move, or cannot be moved at all."""

    code = "control_refused"


class ModelPackError(AppError):
    """A model pack cannot be used."""

    status, code, exit_code = 500, "model_pack_error", 4


class PackNotInstalled(ModelPackError):
    """No pack of that name is installed."""

    status, code = 503, "pack_not_installed"


class PackDamaged(ModelPackError):
    """A pack's file is missing, has another checksum, or other shapes than its manifest says."""

    code = "pack_damaged"


class PackNotAvailable(ModelPackError):
    """A file of a pack could not be fetched."""

    status, code = 502, "pack_not_available"


class LicenceNotAccepted(ModelPackError):
    """A pack under a restrictive licence was asked for without accepting it."""

    status, code = 403, "licence_not_accepted"


class DeliveryFailed(AppError):
    """The addressee of a notification does not answer, or does not take it. retry_after: seconds it asks to wait;
    answer: its status, where it gave one."""

    status, code, exit_code = 502, "delivery_failed", 3

    def __init__(
        self, message: str, *, hint: str = "", retry_after: float | None = None, answer: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after
        self.answer = answer


class DeliveryRefused(DeliveryFailed):
    """The addressee does not take this notification, and will not take it later either."""

    code = "delivery_refused"


class ServiceUnavailable(AppError):
    """A part that the product stands on (database, queue, object store, data folder) cannot be used."""

    status, code, exit_code = 503, "service_unavailable", 5


class DataFolderUnusable(ServiceUnavailable):
    """The data folder is not writable, full, of a newer version, or another user's."""

    code = "data_folder_unusable"


class DataFolderHeld(ServiceUnavailable):
    """Another sightline runs in the data folder."""

    status, code = 409, "data_folder_held"


class PortTaken(ServiceUnavailable):
    """Somebody else listens where we should."""

    status, code = 409, "port_taken"


class SecretUnreadable(ServiceUnavailable):
    """A sealed secret was changed or moved, or the key that it was sealed with is lost."""

    code = "secret_unreadable"


class StorageError(ServiceUnavailable):
    """The object store refuses us or does not answer."""

    code = "storage_error"


class ObjectNotFound(StorageError):
    """No object of that key."""

    status, code = 404, "object_not_found"


class DatabaseUnreachable(ServiceUnavailable):
    """Nobody answers at the database's address, or the login is refused."""

    code = "database_unreachable"


class DatabaseUnsuitable(ServiceUnavailable):
    """A database that answers but cannot be used: no pgvector, another major version, a foreign or newer schema."""

    code = "database_unsuitable"


class LeaseLost(ServiceUnavailable):
    """A write under a lease that another worker holds by now."""

    status, code = 409, "lease_lost"


class StreamFull(ServiceUnavailable):
    """The Redis server refuses writes because its memory is used up (maxmemory)."""

    code = "stream_full"
