package keys

// MDID is a mobility domain identifier in transmission order.
type MDID = [2]byte

// PMKName names a PMK-R0 or PMK-R1 as a PMKID names a PMK.
type PMKName = [16]byte

// PMKR0 derives the first level of the FT key hierarchy (12.7.1.6.3) and its
// name. The key is as long as the hash: 32 or 48 bytes (64 with SHA-512). xxkey is the PSK, the SAE
// PMK, or the half of the MSK that the AKM prescribes; r0kh has 1 to 48 bytes,
// ssid up to 32.
func PMKR0(h Hash, xxkey, ssid []byte, mdid MDID, r0kh []byte, s0kh Addr) (Secret, PMKName) {
	n := h.Size()
	d := KDF(h, xxkey, "FT-R0", n+16,
		[]byte{byte(len(ssid))}, ssid, mdid[:], []byte{byte(len(r0kh))}, r0kh, s0kh[:])
	m := h.New()
	m.Write([]byte("FT-R0N"))
	m.Write(d[n:])
	return d[:n:n], PMKName(m.Sum(nil)[:16])
}

// PMKR1 derives the key that an authenticator r1kh gets (12.7.1.6.4), and its name.
func PMKR1(h Hash, r0 []byte, r0name PMKName, r1kh, s1kh Addr) (Secret, PMKName) {
	return KDF(h, r0, "FT-R1", h.Size(), r1kh[:], s1kh[:]), PMKR1Name(h, r0name, r1kh, s1kh)
}

// PMKR1Name computes the name of a PMK-R1 alone (12.7.1.6.4).
func PMKR1Name(h Hash, r0name PMKName, r1kh, s1kh Addr) PMKName {
	m := h.New()
	m.Write([]byte("FT-R1N"))
	m.Write(r0name[:])
	m.Write(r1kh[:])
	m.Write(s1kh[:])
	return PMKName(m.Sum(nil)[:16])
}

// DeriveFTPTK derives the PTK of an FT association (12.7.1.6.5), and its name.
func DeriveFTPTK(h Hash, r1 []byte, r1name PMKName, snonce, anonce Nonce, bssid, sta Addr, l PTKLengths) (PTK, PMKName) {
	p := l.split(KDF(h, r1, "FT-PTK", l.sum(), snonce[:], anonce[:], bssid[:], sta[:]))
	m := h.New()
	m.Write(r1name[:])
	m.Write([]byte("FT-PTKN"))
	m.Write(snonce[:])
	m.Write(anonce[:])
	m.Write(bssid[:])
	m.Write(sta[:])
	return p, PMKName(m.Sum(nil)[:16])
}
