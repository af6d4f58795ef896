package dot11

import (
	"fmt"
	"iter"
)

// OUI is an organizationally unique identifier in transmission order.
type OUI [3]byte

// String returns the lower-case form with colons.
func (o OUI) String() string { return fmt.Sprintf("%02x:%02x:%02x", o[0], o[1], o[2]) }

// Organisations whose suites and elements matter here.
var (
	OUIIEEE      = OUI{0x00, 0x0f, 0xac} // IEEE 802.11 itself
	OUIMicrosoft = OUI{0x00, 0x50, 0xf2} // WPA, WMM, WPS
	OUIWFA       = OUI{0x50, 0x6f, 0x9a} // Wi-Fi Alliance
)

// Elements is a sequence of elements (9.4.2.1): identifier, length, body.
type Elements []byte

// Element is one element of a sequence.
type Element struct {
	ID     ElementID
	Ext    ExtID  // meaningful when ID is ElementExtension
	Data   []byte // body; behind the extension identifier when there is one
	Offset int    // of the identifier in the sequence
	raw    []byte
}

// Raw returns the whole element, identifier and length included.
func (e Element) Raw() []byte { return e.raw }

// next returns the element at off and the offset behind it.
func (es Elements) next(off int) (Element, int, error) {
	left := len(es) - off
	if left < 2 {
		return Element{}, off, &ParseError{"element", off, "1 byte left, header needs 2"}
	}
	id, n := ElementID(es[off]), int(es[off+1])
	if n > left-2 {
		return Element{}, off, &ParseError{"element", off,
			fmt.Sprintf("identifier %d: length %d, %d bytes left", id, n, left-2)}
	}
	end := off + 2 + n
	e := Element{ID: id, Data: es[off+2 : end : end], Offset: off, raw: es[off:end:end]}
	if id == ElementExtension {
		if n == 0 {
			return Element{}, off, &ParseError{"element", off, "extension element without extension identifier"}
		}
		e.Ext, e.Data = ExtID(e.Data[0]), e.Data[1:]
	}
	return e, end, nil
}

// All yields the elements in order and ends silently at the first malformed
// one; Check tells whether there is one.
func (es Elements) All() iter.Seq[Element] {
	return func(yield func(Element) bool) {
		for off := 0; off < len(es); {
			e, end, err := es.next(off)
			if err != nil || !yield(e) {
				return
			}
			off = end
		}
	}
}

// Check walks the whole sequence and returns a *ParseError for the first
// malformed element, or nil.
func (es Elements) Check() error {
	for off := 0; off < len(es); {
		_, end, err := es.next(off)
		if err != nil {
			return err
		}
		off = end
	}
	return nil
}

// Find returns the body of the first element with the identifier.
func (es Elements) Find(id ElementID) ([]byte, bool) {
	for off := 0; len(es)-off >= 2; {
		end := off + 2 + int(es[off+1])
		if end > len(es) {
			break
		}
		if ElementID(es[off]) == id {
			return es[off+2 : end : end], true
		}
		off = end
	}
	return nil, false
}

// Has reports whether an element with the identifier is there.
func (es Elements) Has(id ElementID) bool {
	_, ok := es.Find(id)
	return ok
}

// FindExt returns the body, behind the extension identifier, of the first
// extension element ext.
func (es Elements) FindExt(ext ExtID) ([]byte, bool) {
	for e := range es.All() {
		if e.ID == ElementExtension && e.Ext == ext {
			return e.Data, true
		}
	}
	return nil, false
}

// FindVendor returns the body, behind OUI and type byte, of the first vendor
// specific element of that kind.
func (es Elements) FindVendor(oui OUI, typ uint8) ([]byte, bool) {
	for e := range es.All() {
		if e.isVendor(oui, typ) {
			return e.Data[4:], true
		}
	}
	return nil, false
}

// JoinVendor returns the bodies of all vendor specific elements of that kind
// one after the other, as WPS and P2P spread theirs; false without any.
func (es Elements) JoinVendor(oui OUI, typ uint8) ([]byte, bool) {
	var out []byte
	found := false
	for e := range es.All() {
		if !e.isVendor(oui, typ) {
			continue
		}
		if !found {
			out = e.Data[4:]
		} else {
			out = append(out[:len(out):len(out)], e.Data[4:]...)
		}
		found = true
	}
	return out, found
}

func (e Element) isVendor(oui OUI, typ uint8) bool {
	return e.ID == ElementVendorSpecific && len(e.Data) >= 4 && OUI(e.Data[:3]) == oui && e.Data[3] == typ
}

// FindExtReassembled is FindExt for elements that may be fragmented
// (10.28.11): when the element is full, the Fragment elements that follow it
// directly are appended to a fresh copy.
func (es Elements) FindExtReassembled(ext ExtID) ([]byte, bool) {
	for e := range es.All() {
		if e.ID == ElementExtension && e.Ext == ext {
			return es.reassemble(e), true
		}
	}
	return nil, false
}

// reassemble returns the body of e joined with its fragments.
func (es Elements) reassemble(e Element) []byte {
	out := e.Data
	off, full := e.Offset+len(e.raw), len(e.raw) == 257
	for full && off < len(es) {
		f, end, err := es.next(off)
		if err != nil || f.ID != ElementFragment {
			break
		}
		out = append(out[:len(out):len(out)], f.Data...)
		off, full = end, len(f.Data) == 255
	}
	return out
}

// AppendElement appends an element to dst. A body of more than 255 bytes is
// spread over Fragment elements (10.28.11).
func AppendElement(dst []byte, id ElementID, body ...byte) []byte {
	return appendFragmented(dst, id, body)
}

// AppendExtElement appends an extension element to dst, fragmented when its
// body exceeds 254 bytes.
func AppendExtElement(dst []byte, ext ExtID, body ...byte) []byte {
	full := make([]byte, 0, 1+len(body))
	full = append(full, byte(ext))
	return appendFragmented(dst, ElementExtension, append(full, body...))
}

// AppendVendorElement appends a vendor specific element to dst.
func AppendVendorElement(dst []byte, oui OUI, typ uint8, body ...byte) []byte {
	full := make([]byte, 0, 4+len(body))
	full = append(full, oui[0], oui[1], oui[2], typ)
	return appendFragmented(dst, ElementVendorSpecific, append(full, body...))
}

func appendFragmented(dst []byte, id ElementID, body []byte) []byte {
	for {
		n := min(len(body), 255)
		dst = append(dst, byte(id), byte(n))
		dst = append(dst, body[:n]...)
		body = body[n:]
		if len(body) == 0 {
			return dst
		}
		id = ElementFragment
	}
}
