"""What people enter as a camera's address: a new one, or a change of the one that is kept."""

from dataclasses import dataclass, field

from sightline.core.errors import InvalidInput
from sightline.services.camera_secrets import CameraAddress, split_credentials
from sightline.services.stream_policy import StreamPolicy


@dataclass(frozen=True, slots=True)
class AddressChange:
    """An address as somebody entered it. The login may stand in url or beside it.

    url: as it is shown (with what is masked) it stands for the one that is kept. keeps_login: nothing was said about
    the login; else username None means that there shall be none.
    """

    url: str = field(repr=False)
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    keeps_login: bool = False

    def new(self, policy: StreamPolicy) -> CameraAddress:
        """The address of a new camera. Raises SourceInvalid, AddressNotAllowed, InvalidInput."""
        policy.parse(self.url)
        entered = split_credentials(self.url)
        if self.username is None:
            return entered
        if entered.has_login:
            raise InvalidInput("the login is given twice", hint="Give it in the address, or beside it.")
        return CameraAddress(entered.url, self.username, self.password or "")

    def applied_to(self, current: CameraAddress, policy: StreamPolicy) -> CameraAddress:
        """The address after the change. Raises SourceInvalid, AddressNotAllowed, InvalidInput."""
        if self.url == current.shown:
            kept = (current.username, current.password) if self.keeps_login else (self.username, self._given_password)
            return CameraAddress(current.url, *kept)
        address = self.new(policy)
        if address.has_login or not (self.keeps_login and current.has_login):
            return address
        if address.server != current.server:
            raise InvalidInput(
                "the login that is kept belongs to another server",
                hint="Enter user and password again, or null for none.",
            )
        return CameraAddress(address.url, current.username, current.password)

    @property
    def _given_password(self) -> str | None:
        return None if self.username is None else self.password or ""
