package eaptls

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"gosupplicant/engine/eap"
)

// suite is a cipher suite of TLS 1.2 and older with OpenSSL's name for it.
type suite struct {
	id       uint16
	name     string
	fallback bool // not offered unless named
	tags     []string
}

// suites lists what crypto/tls has, the preferred ones first.
var suites = []suite{
	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "ECDHE-ECDSA-AES256-GCM-SHA384", false, []string{"ECDHE", "kEECDH", "EECDH", "aECDSA", "ECDSA", "AESGCM", "AES", "AES256", "SHA384", "HIGH"}},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "ECDHE-RSA-AES256-GCM-SHA384", false, []string{"ECDHE", "kEECDH", "EECDH", "aRSA", "AESGCM", "AES", "AES256", "SHA384", "HIGH"}},
	{tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-ECDSA-CHACHA20-POLY1305", false, []string{"ECDHE", "kEECDH", "EECDH", "aECDSA", "ECDSA", "CHACHA20", "HIGH"}},
	{tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, "ECDHE-RSA-CHACHA20-POLY1305", false, []string{"ECDHE", "kEECDH", "EECDH", "aRSA", "CHACHA20", "HIGH"}},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "ECDHE-ECDSA-AES128-GCM-SHA256", false, []string{"ECDHE", "kEECDH", "EECDH", "aECDSA", "ECDSA", "AESGCM", "AES", "AES128", "SHA256", "HIGH"}},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "ECDHE-RSA-AES128-GCM-SHA256", false, []string{"ECDHE", "kEECDH", "EECDH", "aRSA", "AESGCM", "AES", "AES128", "SHA256", "HIGH"}},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "ECDHE-ECDSA-AES128-SHA256", false, []string{"ECDHE", "kEECDH", "EECDH", "aECDSA", "ECDSA", "AES", "AES128", "SHA256", "HIGH"}},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256, "ECDHE-RSA-AES128-SHA256", false, []string{"ECDHE", "kEECDH", "EECDH", "aRSA", "AES", "AES128", "SHA256", "HIGH"}},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, "ECDHE-ECDSA-AES256-SHA", false, []string{"ECDHE", "kEECDH", "EECDH", "aECDSA", "ECDSA", "AES", "AES256", "SHA1", "SHA", "HIGH"}},
	{tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, "ECDHE-RSA-AES256-SHA", false, []string{"ECDHE", "kEECDH", "EECDH", "aRSA", "AES", "AES256", "SHA1", "SHA", "HIGH"}},
	{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, "ECDHE-ECDSA-AES128-SHA", false, []string{"ECDHE", "kEECDH", "EECDH", "aECDSA", "ECDSA", "AES", "AES128", "SHA1", "SHA", "HIGH"}},
	{tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, "ECDHE-RSA-AES128-SHA", false, []string{"ECDHE", "kEECDH", "EECDH", "aRSA", "AES", "AES128", "SHA1", "SHA", "HIGH"}},
	{tls.TLS_RSA_WITH_AES_256_GCM_SHA384, "AES256-GCM-SHA384", false, []string{"kRSA", "RSA", "aRSA", "AESGCM", "AES", "AES256", "SHA384", "HIGH"}},
	{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, "AES128-GCM-SHA256", false, []string{"kRSA", "RSA", "aRSA", "AESGCM", "AES", "AES128", "SHA256", "HIGH"}},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA256, "AES128-SHA256", false, []string{"kRSA", "RSA", "aRSA", "AES", "AES128", "SHA256", "HIGH"}},
	{tls.TLS_RSA_WITH_AES_256_CBC_SHA, "AES256-SHA", false, []string{"kRSA", "RSA", "aRSA", "AES", "AES256", "SHA1", "SHA", "HIGH"}},
	{tls.TLS_RSA_WITH_AES_128_CBC_SHA, "AES128-SHA", false, []string{"kRSA", "RSA", "aRSA", "AES", "AES128", "SHA1", "SHA", "HIGH"}},
	{tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA, "ECDHE-RSA-DES-CBC3-SHA", true, []string{"ECDHE", "kEECDH", "EECDH", "aRSA", "3DES", "SHA1", "SHA", "MEDIUM"}},
	{tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA, "DES-CBC3-SHA", true, []string{"kRSA", "RSA", "aRSA", "3DES", "SHA1", "SHA", "MEDIUM"}},
	{tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA, "ECDHE-RSA-RC4-SHA", true, []string{"ECDHE", "kEECDH", "EECDH", "aRSA", "RC4", "SHA1", "SHA", "MEDIUM"}},
	{tls.TLS_RSA_WITH_RC4_128_SHA, "RC4-SHA", true, []string{"kRSA", "RSA", "aRSA", "RC4", "SHA1", "SHA", "MEDIUM"}},
}

// absentTags select suites that crypto/tls does not have, so that excluding them
// says nothing and asking for them is an error.
var absentTags = []string{"aNULL", "eNULL", "NULL", "EXPORT", "EXP", "LOW", "DES", "MD5", "PSK", "SRP", "DSS",
	"CAMELLIA", "SEED", "IDEA", "ADH", "AECDH", "DH", "DHE", "EDH", "kDHE", "kEDH", "kDH", "aDSS", "ARIA", "AESCCM", "AESCCM8",
	"CAMELLIA128", "CAMELLIA256", "kPSK", "aPSK", "GOST", "SSLv2", "COMPLEMENTOFALL", "COMPLEMENTOFDEFAULT"}

// cipherRules is openssl_ciphers, mapped.
type cipherRules struct {
	suites    []uint16
	allowSHA1 bool // @SECLEVEL=0
	suiteB    bool
}

// parseCiphers maps an OpenSSL cipher list. A word that names nothing crypto/tls
// has is an error. TLS 1.3 suites cannot be chosen; naming one changes nothing.
func parseCiphers(list string) (cipherRules, error) {
	var r cipherRules
	words := strings.FieldsFunc(list, func(c rune) bool { return c == ':' || c == ',' || c == ' ' })
	if len(words) == 0 {
		words = []string{"DEFAULT"}
	}
	banned := map[uint16]bool{}
	for _, w := range words {
		base, level, has := strings.Cut(w, "@SECLEVEL=")
		if has {
			if level != "0" && level != "1" && level != "2" {
				return r, fmt.Errorf("%w: openssl_ciphers: @SECLEVEL=%s is not built, 0 to 2 are", eap.ErrConfig, level)
			}
			r.allowSHA1 = level == "0"
			if w = base; w == "" {
				continue
			}
		}
		if err := r.word(w, banned); err != nil {
			return r, err
		}
	}
	if len(r.suites) == 0 && !r.suiteB {
		if len(banned) > 0 || !r.allowSHA1 && !strings.Contains(list, "@SECLEVEL") {
			return r, fmt.Errorf("%w: openssl_ciphers: %q leaves no cipher suite", eap.ErrConfig, list)
		}
		return r, r.word("DEFAULT", banned)
	}
	return r, nil
}

func (r *cipherRules) word(w string, banned map[uint16]bool) error {
	op := byte(0)
	if strings.IndexByte("!-+", w[0]) >= 0 {
		op, w = w[0], w[1:]
	}
	if w == "@STRENGTH" || strings.HasPrefix(w, "TLS_") {
		return nil // order is crypto/tls's own
	}
	if strings.HasPrefix(w, "SUITEB") {
		r.suiteB = true
		return nil
	}
	ids, err := selectSuites(w)
	if err != nil && op == 0 {
		return err
	}
	for _, id := range ids {
		switch op {
		case '!':
			banned[id] = true
			fallthrough
		case '-':
			r.suites = slices.DeleteFunc(r.suites, func(x uint16) bool { return x == id })
		case 0:
			if !banned[id] && !slices.Contains(r.suites, id) {
				r.suites = append(r.suites, id)
			}
		}
	}
	return nil
}

// selectSuites returns the suites that a word of OpenSSL's language means; tags
// may be joined by "+".
func selectSuites(w string) ([]uint16, error) {
	var out []uint16
	tags := strings.Split(w, "+")
	for _, s := range suites {
		fits := true
		for _, t := range tags {
			fits = fits && (t == s.name || t == "ALL" || t == "DEFAULT" && !s.fallback || slices.Contains(s.tags, t) ||
				(t == "TLSv1.2" || t == "TLSv1" || t == "SSLv3"))
		}
		if fits && (!s.fallback || w != "ALL") {
			out = append(out, s.id)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	for _, t := range tags {
		if slices.Contains(absentTags, t) || strings.HasPrefix(t, "DHE-") || strings.HasPrefix(t, "ADH-") {
			return nil, fmt.Errorf("%w: openssl_ciphers: crypto/tls has no suite of %q", eap.ErrConfig, w)
		}
	}
	return nil, fmt.Errorf("%w: openssl_ciphers: %q is not known", eap.ErrConfig, w)
}

// opensslName returns the name OpenSSL has for a suite.
func opensslName(id uint16) string {
	for _, s := range suites {
		if s.id == id {
			return s.name
		}
	}
	return tls.CipherSuiteName(id)
}
