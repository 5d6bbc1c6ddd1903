-- room: domain/policy
-- What a device management last said of a registered workstation (S1-37).

CREATE TABLE workstation_posture (
    workstation_id {text} PRIMARY KEY REFERENCES workstation (id),
    disk_encrypted {int} NOT NULL CHECK (disk_encrypted IN (0, 1)),
    os {text} NOT NULL,
    os_version {text} NOT NULL,
    reported_at {int} NOT NULL
) {strict};
