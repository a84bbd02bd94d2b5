"""Whom an address stands for, where attempts are counted."""

from ipaddress import IPv6Address, IPv6Network, ip_address

SUBNET = 64
"""Bits: every host of IPv6 chooses its own addresses within one such network (RFC 4291, 2.5.1; RFC 8981)."""


def source_of(address: str) -> str:
    """An IPv4 address as it is, an IPv6 one as its network: else one machine would have 2^64 addresses to guess from.

    Text that is no address stays as it is.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), SUBNET), strict=False))
