"""What libav says went wrong, as the product's errors: in our words, so that no address with a password leaks."""

import errno

from av import error as av_error

from sightline.core.errors import (
    AppError,
    CodecUnavailable,
    MediaError,
    NotAVideo,
    NoVideoStream,
    SourceDenied,
    SourceEnded,
    SourceInvalid,
    SourceNotFound,
    SourceStalled,
    SourceUnreachable,
)
from sightline.media.sources import Source, SourceKind

PERMANENT = (SourceInvalid, NotAVideo, NoVideoStream, CodecUnavailable, SourceDenied)
"""Failures that waiting does not cure; a person must change something."""


def is_permanent(error: AppError, source: Source) -> bool:
    """Whether trying again is pointless. A camera may learn a stream that it does not know yet; a file will not."""
    return isinstance(error, PERMANENT) or (isinstance(error, SourceNotFound) and source.kind is SourceKind.FILE)


def opening_failed(error: Exception, source: Source, timeout: float, took: float) -> MediaError:
    """The typed error for what libav raised while it opened a source.

    timeout, took: seconds that it was given, and that it needed. Interrupted in the middle of an answer, libav may
    call what it has invalid.
    """
    if source.path is None and took >= timeout:
        return silent(source, timeout)
    match error:
        case av_error.HTTPUnauthorizedError() | av_error.HTTPForbiddenError() | av_error.PermissionError():
            return denied(source)
        case av_error.FileNotFoundError() | av_error.HTTPNotFoundError():
            return not_found(source)
        case av_error.TimeoutError() | av_error.ExitError():
            return silent(source, timeout)
        case av_error.InvalidDataError() | av_error.EOFError() | av_error.PatchWelcomeError():
            return not_a_video(source)
        case _:
            return _unreachable(error, source)


def reading_failed(error: Exception, source: Source, stall_timeout: float) -> MediaError:
    """The typed error for what libav raised while it read from an open source."""
    if isinstance(error, av_error.TimeoutError | av_error.ExitError):
        return stalled(source, stall_timeout)
    return SourceEnded(
        f"The connection to {source.redacted} broke: {_reason(error)}.",
        hint="Check the network and the camera; it is tried again on its own.",
    )


def denied(source: Source) -> SourceDenied:
    """Wrong user or password, or a file that this user may not read."""
    if source.path is not None:
        return SourceDenied(f"{source.redacted} may not be read.", hint="Give this user the right to read it.")
    return SourceDenied(
        f"{source.redacted} refused the user or password.",
        hint="Put them into the address as scheme://user:password@host/…, special characters percent-encoded.",
    )


def not_found(source: Source) -> SourceNotFound:
    """No file, or no stream of that name."""
    if source.path is not None:
        return SourceNotFound(f"There is no file {source.redacted}.", hint="Check the path.")
    if source.kind is SourceKind.WEBCAM:
        return SourceNotFound(
            f"This machine has no webcam {source.redacted}.", hint="Plug it in, and see which there are: ls /dev/video*"
        )
    return SourceNotFound(
        f"The server knows no stream {source.redacted}.", hint="Check the path in the camera's manual or web page."
    )


def stalled(source: Source, seconds: float) -> SourceStalled:
    """Connected, but silent."""
    return SourceStalled(
        f"{source.redacted} sent no picture for {seconds:g} s.",
        hint="Check the camera; over Wi-Fi or UDP, try the other transport.",
    )


def ended(source: Source) -> SourceEnded:
    """A live source that closed."""
    return SourceEnded(
        f"{source.redacted} closed the connection.", hint="Check the camera; it is tried again on its own."
    )


def no_video(source: Source) -> NoVideoStream:
    """Sound, perhaps, but no picture."""
    return NoVideoStream(f"{source.redacted} carries no video.", hint="Give a source that has a picture.")


def no_codec(source: Source) -> CodecUnavailable:
    """A video that cannot be decoded here; libav tells no name of a codec that it has no decoder for."""
    return CodecUnavailable(
        f"The video of {source.redacted} is in a codec that cannot be decoded here.",
        hint="Set the camera to H.264 or H.265, or convert the file.",
    )


def undecodable(source: Source) -> NotAVideo:
    """Packets came, and not one gave a picture."""
    return NotAVideo(
        f"Nothing in {source.redacted} could be decoded to a picture.",
        hint="The recording is damaged or encrypted; try it in another player.",
    )


def silent(source: Source, timeout: float) -> SourceUnreachable:
    """Nobody answers."""
    return SourceUnreachable(
        f"{source.redacted} gave no answer within {timeout:g} s.",
        hint="Check host and port, and that it is switched on.",
    )


def not_a_video(source: Source) -> NotAVideo:
    """Something else than video."""
    if source.path is not None:
        return NotAVideo(
            f"{source.redacted} is not a video, or its beginning or index is missing.",
            hint="Give a video file; if it is a recording that broke off, repair it with a media tool first.",
        )
    return NotAVideo(
        f"What answers at {source.redacted} sends no video that can be read.",
        hint="Check port and path; a payload without description needs its .sdp file.",
    )


def closed_at_once(source: Source) -> SourceUnreachable:
    """The connection ended before the first byte: refused, unknown, or a wrong pass-phrase; a webcam in use."""
    if source.kind is SourceKind.WEBCAM:
        return SourceUnreachable(
            f"The webcam {source.redacted} gives no picture.",
            hint="Close other programs that use it, and see that you may read it (group video).",
        )
    return SourceUnreachable(
        f"{source.redacted} cannot be reached, or refused the connection.",
        hint="Check host, port, mode, stream id and pass-phrase.",
    )


def _unreachable(error: Exception, source: Source) -> SourceUnreachable:
    return SourceUnreachable(
        f"{source.redacted} cannot be reached: {_reason(error)}.", hint="Check host, port and network."
    )


def _reason(error: Exception) -> str:
    """The reason without the address that libav appends to it."""
    number = getattr(error, "errno", None)
    if number == errno.EIO:
        return "the name is unknown or the connection broke"
    return str(getattr(error, "strerror", None) or type(error).__name__)
