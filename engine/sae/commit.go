package sae

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"gosupplicant/engine/dot11"
)

// commit is what a commit message carries (9.3.3.11, table 9-71).
type commit struct {
	group      uint16
	token      []byte // anti-clogging token; nil without
	scalar     []byte
	element    element
	identifier []byte   // nil without
	rejected   []uint16 // nil without
	akm        dot11.AKM
}

// append appends the message body. The token goes before the scalar, or with
// hash-to-element into its container.
func (c *commit) append(dst []byte, h2e bool) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, c.group)
	if !h2e {
		dst = append(dst, c.token...)
	}
	dst = append(append(dst, c.scalar...), c.element...)
	if c.identifier != nil {
		dst = dot11.AppendExtElement(dst, dot11.ExtIDPasswordIdentifier, c.identifier...)
	}
	if c.rejected != nil {
		dst = dot11.AppendExtElement(dst, dot11.ExtIDRejectedGroups, groupBytes(c.rejected)...)
	}
	if h2e && c.token != nil {
		dst = dot11.AppendExtElement(dst, dot11.ExtIDAntiCloggingToken, c.token...)
	}
	if extKey(c.akm) {
		suite, _ := c.akm.RSNSuite()
		dst = dot11.AppendExtElement(dst, dot11.ExtIDAKMSuiteSelector, suite.Append(nil)...)
	}
	return dst
}

// groupBytes is the encoding of a list of groups, in frames and in salts.
func groupBytes(ids []uint16) []byte {
	var b []byte
	for _, id := range ids {
		b = binary.LittleEndian.AppendUint16(b, id)
	}
	return b
}

// parseGroup reads the group that commits and most refusals begin with.
func parseGroup(body []byte) (uint16, []byte, error) {
	if len(body) < 2 {
		return 0, nil, fmt.Errorf("%w: commit: %d bytes, too short for a group", ErrMalformed, len(body))
	}
	return binary.LittleEndian.Uint16(body), body[2:], nil
}

// parseCommit parses a commit for group g. token is the anti-clogging token that
// has been demanded, nil if none was: nothing else tells a plain token from a
// scalar. Scalar and element are not checked yet. Slices alias body.
func parseCommit(g *group, body, token []byte, h2e bool) (*commit, error) {
	id, rest, err := parseGroup(body)
	if err != nil {
		return nil, err
	}
	if id != g.id {
		return nil, fmt.Errorf("%w: commit: offset 0: group %d, want %d", ErrGroup, id, g.id)
	}
	c := &commit{group: id}
	fixed := g.size + g.width
	if !h2e && token != nil && len(rest) >= len(token)+fixed && bytes.HasPrefix(rest, token) {
		c.token, rest = rest[:len(token)], rest[len(token):]
	}
	if len(rest) < fixed {
		return nil, fmt.Errorf("%w: commit: offset %d: %d bytes left for scalar and element of group %d, want %d",
			ErrMalformed, len(body)-len(rest), len(rest), id, fixed)
	}
	c.scalar, c.element = rest[:g.size], element(rest[g.size:fixed])
	return c, c.parseElements(dot11.Elements(rest[fixed:]), h2e)
}

// parseElements reads what follows the element field. Unknown elements are
// skipped: multi-link operation adds one.
func (c *commit) parseElements(es dot11.Elements, h2e bool) error {
	if err := es.Check(); err != nil {
		return fmt.Errorf("%w: commit: %w", ErrMalformed, err)
	}
	c.identifier, _ = es.FindExt(dot11.ExtIDPasswordIdentifier)
	if h2e {
		c.token, _ = es.FindExt(dot11.ExtIDAntiCloggingToken)
	}
	if b, ok := es.FindExt(dot11.ExtIDRejectedGroups); ok && h2e {
		if len(b) == 0 || len(b)%2 != 0 {
			return fmt.Errorf("%w: commit: rejected groups of %d bytes", ErrMalformed, len(b))
		}
		for ; len(b) > 0; b = b[2:] {
			c.rejected = append(c.rejected, binary.LittleEndian.Uint16(b))
		}
	}
	if b, ok := es.FindExt(dot11.ExtIDAKMSuiteSelector); ok {
		if len(b) != 4 {
			return fmt.Errorf("%w: commit: AKM suite selector of %d bytes", ErrMalformed, len(b))
		}
		c.akm = dot11.AKMOf(dot11.MakeSuite(dot11.OUI(b[:3]), b[3]))
	}
	return nil
}

// maxToken bounds the anti-clogging token of an access point, in bytes: what
// its container holds.
const maxToken = 254

// parseToken reads the token out of a refusal with status 76 whose group has
// been read. With hash-to-element it is in its container, else plain.
func parseToken(rest []byte, h2e bool) ([]byte, error) {
	token := rest
	if h2e {
		es := dot11.Elements(rest)
		if err := es.Check(); err != nil {
			return nil, fmt.Errorf("%w: anti-clogging demand: %w", ErrMalformed, err)
		}
		var ok bool
		if token, ok = es.FindExt(dot11.ExtIDAntiCloggingToken); !ok {
			return nil, fmt.Errorf("%w: anti-clogging demand without token container", ErrMalformed)
		}
	}
	if len(token) == 0 || len(token) > maxToken {
		return nil, fmt.Errorf("%w: anti-clogging token of %d bytes, want 1 to %d", ErrMalformed, len(token), maxToken)
	}
	return token, nil
}

// confirm is what a confirm message carries.
type confirm struct {
	counter  uint16 // send-confirm
	verifier []byte
	elements dot11.Elements
}

func (c *confirm) append(dst []byte) []byte {
	dst = binary.LittleEndian.AppendUint16(dst, c.counter)
	return append(append(dst, c.verifier...), c.elements...)
}

// parseConfirm parses a confirm whose verifier has size bytes.
func parseConfirm(body []byte, size int) (*confirm, error) {
	if len(body) < 2+size {
		return nil, fmt.Errorf("%w: confirm of %d bytes, want at least %d", ErrMalformed, len(body), 2+size)
	}
	c := &confirm{counter: binary.LittleEndian.Uint16(body), verifier: body[2 : 2+size], elements: dot11.Elements(body[2+size:])}
	if err := c.elements.Check(); err != nil {
		return nil, fmt.Errorf("%w: confirm: %w", ErrMalformed, err)
	}
	return c, nil
}
