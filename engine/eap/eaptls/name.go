package eaptls

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"strings"
)

// rdnNames are the short names OpenSSL writes.
var rdnNames = map[string]string{
	"2.5.4.3": "CN", "2.5.4.4": "SN", "2.5.4.5": "serialNumber", "2.5.4.6": "C", "2.5.4.7": "L",
	"2.5.4.8": "ST", "2.5.4.9": "street", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.12": "title",
	"2.5.4.13": "description", "2.5.4.17": "postalCode", "2.5.4.42": "GN", "2.5.4.46": "dnQualifier",
	"1.2.840.113549.1.9.1": "emailAddress", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
}

// rdn is one attribute of a name.
type rdn struct{ tag, value string }

// subjectOf lists the attributes of a certificate's subject in their order.
func subjectOf(c *x509.Certificate) []rdn {
	var seq pkix.RDNSequence
	if _, err := asn1.Unmarshal(c.RawSubject, &seq); err != nil {
		return nil
	}
	var out []rdn
	for _, set := range seq {
		for _, a := range set {
			tag, ok := rdnNames[a.Type.String()]
			if !ok {
				tag = a.Type.String()
			}
			out = append(out, rdn{tag, fmt.Sprint(a.Value)})
		}
	}
	return out
}

// SubjectText returns a certificate's subject the way reports have it, e.g.
// "/C=FI/O=Example/CN=server". Bytes that are not printable ASCII come as \xHH.
func SubjectText(c *x509.Certificate) string {
	var b strings.Builder
	for _, r := range subjectOf(c) {
		b.WriteString("/" + r.tag + "=")
		for _, x := range []byte(r.value) {
			if x < 0x20 || x > 0x7e {
				fmt.Fprintf(&b, "\\x%02X", x)
			} else {
				b.WriteByte(x)
			}
		}
	}
	return b.String()
}

// altNames lists the alternative names that reports and altsubject_match know.
func altNames(c *x509.Certificate) []string {
	var out []string
	for _, v := range c.EmailAddresses {
		out = append(out, "EMAIL:"+v)
	}
	for _, v := range c.DNSNames {
		out = append(out, "DNS:"+v)
	}
	for _, v := range c.URIs {
		out = append(out, "URI:"+v.String())
	}
	return out
}
