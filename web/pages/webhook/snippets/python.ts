import type { Profile } from '../../../api/types.ts';
import { shapeOf } from './shape.ts';

export function pythonCode(profile: Profile): string {
  const { kind, encoding, prefix, signature, previous, id, timestamp } = shapeOf(profile);
  const age = `    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False`;
  const head = {
    standard: `    timestamp = headers.get("${timestamp}", "")
${age}
    given = headers.get("${signature}", "").split(" ")
    signed = f'{headers.get("${id}", "")}.{timestamp}.'.encode() + raw_body`,
    timestamped: `    parts = [part.partition("=") for part in headers.get("${signature}", "").split(",")]
    timestamp = next((value for name, _, value in parts if name == "t"), "")
${age}
    given = [value for name, _, value in parts if name == "v1"]
    signed = timestamp.encode() + b"." + raw_body`,
    body: `${timestamp ? `    timestamp = headers.get("${timestamp}", "")\n${age}\n` : ''}    given = [headers.get("${signature}", "")${previous ? `, headers.get("${previous}", "")` : ''}]
    signed = raw_body`,
  }[kind];
  const digest = encoding === 'hex' ? 'mac.hexdigest()' : 'base64.b64encode(mac.digest()).decode()';
  return `import base64
import hashlib
import hmac
import time


def is_genuine(secret: str, headers, raw_body: bytes) -> bool:
    """raw_body: request.get_data() in Flask, request.body in Django."""
    if not secret:
        raise ValueError("the secret is missing")
    headers = {name.lower(): value for name, value in headers.items()}
${head}
    if secret.startswith("whsec_"):
        key = base64.b64decode(secret[6:], validate=True)
    else:
        key = secret.encode()
    if len(key) < 16:
        raise ValueError("the secret is not the one that was shown")
    mac = hmac.new(key, signed, hashlib.sha256)
    wanted = ${prefix ? `"${prefix}" + ` : ''}${digest}
    return any(hmac.compare_digest(one.encode(), wanted.encode()) for one in given)
`;
}
