package engine

import (
	"gosupplicant/conf"
	"gosupplicant/engine/eap"
	"gosupplicant/engine/keys"
)

// askPSKs asks for the passphrases of networks that are there and were given none
// (mem_only_psk), once for each news of the table.
func (i *Interface) askPSKs() {
	if i.conn.pskAsked == i.table.UpdateIndex() {
		return
	}
	i.conn.pskAsked = i.table.UpdateIndex()
	device := deviceOf(i.capa)
	for _, n := range i.conf.Networks {
		if n.MemOnlyPSK == 0 || n.PSK.IsSet() || n.KeyMgmt&conf.KeyMgmtAnyPSK == 0 {
			continue
		}
		w := wishesOf(n, &i.conf.Globals)
		w.HavePSK, w.HaveSAEPassword = true, true
		for b := range i.table.All() {
			if i.unfit(b, n, w, device, false) == "" {
				i.emit(EAPReport{i, n, eap.NeedCredential{Need: eap.Need{Field: eap.FieldPSKPassphrase}}})
				break
			}
		}
	}
}

// givePSK takes the answer: in the form of the configuration, or a bare passphrase. It
// is not written to the file.
func (i *Interface) givePSK(n *conf.Network, value []byte) error {
	text := string(value)
	if text[:min(1, len(text))] != `"` && len(text) != 2*keys.PSKLen {
		text = `"` + text + `"`
	}
	if err := i.SetNetwork(n.ID, "psk", text); err != nil {
		return &InvalidError{What: "answer"} // why would tell of the secret
	}
	n.MemOnlyPSK = 1
	if i.conn.attempt == nil && i.conn.link == nil {
		i.tryFresh()
	}
	return nil
}
