"""Titles of operations in the OpenAPI document: of their names, and of their own where a name does not read well."""

from typing import Final

SPELLED: Final = {"api": "API", "url": "URL"}
OWN: Final = {
    "healthz": "Say that the process answers",
    "readyz": "Say whether database, Redis and object store work",
    "get_me": "Get who calls",
    "get_own_user": "Get one's own account",
    "list_my_sessions": "List one's own sessions",
    "end_my_session": "End one of one's own sessions",
    "begin_second_factor": "Connect an authenticator app",
    "confirm_second_factor": "Switch the second factor on",
    "remove_second_factor": "Switch the second factor off",
    "reset_second_factor": "Switch off somebody's second factor",
    "change_cameras": "Change several cameras",
    "validate_stream_url": "Try a camera's address",
    "probe_camera": "Try a camera",
    "get_camera_control": "Ask how a camera can be moved",
    "show_camera_preset": "Show a view that a camera keeps",
    "show_camera_home": "Show a camera's home view",
    "get_camera_stats": "Get a camera's statistics",
    "set_group_cameras": "Say which cameras are in a group",
    "export_everything_held": "Export everything held on a person",
    "change_subjects": "Change several subjects",
    "erase_subject_with_reason": "Erase a subject, with a reason",
    "reembed_subject": "Make a subject's templates anew",
    "search_subjects": "Search subjects by face",
    "search_sightings": "Search past sightings by face",
    "count_recognition_errors": "Count errors of recognition",
    "decide_about_sightings": "Decide about several sightings",
    "show_picture": "Show the picture of a link",
    "dry_run_alert_rule": "Try an alert rule on the past",
    "list_rule_channels": "List channels that rules can name",
    "handle_alerts": "Handle several alerts",
    "list_alert_assignees": "List who may look after an alert",
    "verify_alert": "Verify an alert as the second person",
    "get_recognition_stats": "Get how recognition does",
    "verify_audit_chain": "Verify the audit log's chain",
    "events": "Follow what happens",
    "preview_retention": "Preview what a retention would remove",
}


def summary_of(operation_id: str) -> str:
    """A title: list_api_keys gives "List API keys"."""
    if operation_id in OWN:
        return OWN[operation_id]
    words = [SPELLED.get(word, word) for word in operation_id.split("_")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])
