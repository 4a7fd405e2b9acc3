import type { Profile } from '../../../api/types.ts';
import { shapeOf } from './shape.ts';

export function goCode(profile: Profile): string {
  const { kind, encoding, prefix, signature, previous, id, timestamp } = shapeOf(profile);
  const head = {
    standard: `	timestamp := header.Get("${timestamp}")
	given := strings.Split(header.Get("${signature}"), " ")
	signed := header.Get("${id}") + "." + timestamp + "."`,
    timestamped: `	var timestamp string
	var given []string
	for _, part := range strings.Split(header.Get("${signature}"), ",") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "t":
			timestamp = value
		case "v1":
			given = append(given, value)
		}
	}
	signed := timestamp + "."`,
    body: `${timestamp ? `	timestamp := header.Get("${timestamp}")\n` : ''}	given := []string{header.Get("${signature}")${previous ? `, header.Get("${previous}")` : ''}}
	signed := ""`,
  }[kind];
  const hasAge = kind !== 'body' || timestamp !== null;
  const imports = [
    'crypto/hmac',
    'crypto/sha256',
    'encoding/base64',
    ...(encoding === 'hex' ? ['encoding/hex'] : []),
    'net/http',
    ...(hasAge ? ['strconv'] : []),
    'strings',
    ...(hasAge ? ['time'] : []),
  ];
  const age = hasAge
    ? `	unix, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || time.Since(time.Unix(unix, 0)).Abs() > 5*time.Minute {
		return false
	}
`
    : '';
  const digest =
    encoding === 'hex'
      ? 'hex.EncodeToString(mac.Sum(nil))'
      : 'base64.StdEncoding.EncodeToString(mac.Sum(nil))';
  return `package webhook

import (
${imports.map((name) => `	"${name}"`).join('\n')}
)

// IsGenuine: rawBody as it was read, before anything has parsed it.
func IsGenuine(secret string, header http.Header, rawBody []byte) bool {
	key := []byte(secret)
	if encoded, found := strings.CutPrefix(secret, "whsec_"); found {
		decoded, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			return false
		}
		key = decoded
	}
	if len(key) < 16 {
		return false
	}
${head}
${age}	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(signed))
	mac.Write(rawBody)
	wanted := ${prefix ? `"${prefix}" + ` : ''}${digest}
	for _, one := range given {
		if hmac.Equal([]byte(one), []byte(wanted)) {
			return true
		}
	}
	return false
}
`;
}
