-- A document that is decoded again at the Hub is read by the same settings as at its PC.
CREATE OR REPLACE VIEW verified_setting AS
SELECT device.agent_id, device.source, setting.vertex_plane, setting.vertex_distance,
    setting.displayed_zone, setting.pupillary_distance, account.name AS verified_by,
    setting.verified_on, setting.accepts_unterminated
FROM device
CROSS JOIN LATERAL (
    SELECT * FROM device_setting WHERE device_id = device.id ORDER BY version DESC LIMIT 1
) AS setting
JOIN account ON account.id = setting.verified_by
WHERE device.source IS NOT NULL AND NOT EXISTS (
    SELECT FROM device AS other
    WHERE other.agent_id = device.agent_id AND other.source = device.source
        AND other.id <> device.id);
