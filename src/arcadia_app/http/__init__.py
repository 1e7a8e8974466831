"""The HTTP door (SPEC 15, 18): decodes a request, calls one use case, encodes what came of it.

`app` puts it together. The rooms hold a controller for each noun; what every request passes through stands
beside them: `bearer` (who), `strict` (the body), `problems` (refusals), `once` (Idempotency-Key), `pages`
(cursors), `rate_limit`, `surroundings` (request id, log line, headers). The shapes on the wire are in
`arcadia_app.wire`.
"""
