package eaptls

import (
	"crypto/x509"
	"slices"
	"strings"

	"gosupplicant/engine/eap"
)

// matchNames checks the server's own certificate against the name settings of
// the network. It returns nil, or what does not fit.
func matchNames(set *eap.Certs, c *x509.Certificate) *failure {
	fail := func(r eap.CertReason, text, setting, want string) *failure {
		return &failure{check: "server name", reason: r, subject: SubjectText(c), cert: c.Raw, errText: text,
			text: "the server's certificate does not fit " + setting + "=" + want}
	}
	if m := set.SubjectMatch; m != "" && !strings.Contains(SubjectText(c), m) {
		return fail(eap.CertReasonSubjectMismatch, "Subject mismatch", "subject_match", m)
	}
	if m := set.CheckCertSubject; m != "" && !matchDN(m, c) {
		return fail(eap.CertReasonDNMismatch, "Distinguished Name", "check_cert_subject", m)
	}
	if m := set.AltSubjectMatch; m != "" && !matchAlt(m, c) {
		return fail(eap.CertReasonAltMismatch, "AltSubject mismatch", "altsubject_match", m)
	}
	if m := set.DomainSuffixMatch; m != "" && !matchDomain(m, c, false) {
		return fail(eap.CertReasonSuffixMismatch, "Domain suffix mismatch", "domain_suffix_match", m)
	}
	if m := set.DomainMatch; m != "" && !matchDomain(m, c, true) {
		return fail(eap.CertReasonDomainMismatch, "Domain mismatch", "domain_match", m)
	}
	return nil
}

// matchDomain checks the DNS names, or without any the common names, against a
// list separated by ";". A suffix fits whole labels only.
func matchDomain(list string, c *x509.Certificate, full bool) bool {
	names := c.DNSNames
	if len(names) == 0 {
		for _, r := range subjectOf(c) {
			if r.tag == "CN" {
				names = append(names, r.value)
			}
		}
	}
	for want := range strings.SplitSeq(list, ";") {
		want = strings.ToLower(strings.TrimSpace(want))
		if want == "" {
			continue
		}
		for _, n := range names {
			n = strings.ToLower(n)
			if n == want || !full && strings.HasSuffix(n, "."+strings.TrimPrefix(want, ".")) {
				return true
			}
		}
	}
	return false
}

// matchAlt checks the alternative names against a list of TYPE:value; values may
// hold ";" themselves, so that an entry ends before the next known type.
func matchAlt(list string, c *x509.Certificate) bool {
	have := altNames(c)
	for list != "" {
		end := len(list)
		for _, t := range []string{";EMAIL:", ";DNS:", ";URI:"} {
			if i := strings.Index(list, t); i >= 0 && i < end {
				end = i
			}
		}
		if slices.Contains(have, list[:end]) {
			return true
		}
		list = strings.TrimPrefix(list[end:], ";")
	}
	return false
}

// matchDN checks attributes of the subject, written "C=US/CN=host*": the n-th
// mention of an attribute is compared with the n-th in the certificate, "*" at
// the end stands for anything.
func matchDN(want string, c *x509.Certificate) bool {
	have := subjectOf(c)
	seen := map[string]int{}
	n := 0
	for field := range strings.SplitSeq(want, "/") {
		if field == "" {
			continue
		}
		tag, value, ok := strings.Cut(field, "=")
		if !ok {
			return false
		}
		var values []string
		for _, r := range have {
			if r.tag == tag {
				values = append(values, r.value)
			}
		}
		i := seen[tag]
		seen[tag]++
		n++
		if i >= len(values) {
			return false
		}
		prefix, wild := strings.CutSuffix(value, "*")
		if wild && !strings.HasPrefix(values[i], prefix) || !wild && values[i] != value {
			return false
		}
	}
	return n > 0
}
