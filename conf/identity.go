package conf

import "sync"

// identityTable is the table of the identity blocks.
var identityTable = sync.OnceValue(func() *table[Identity] {
	return newTable(new(Identity), maxCredLine, "\t", []row[Identity]{
		{"dik_cipher", func(n string) field[Identity] { return num(n, func(i *Identity) *int { return &i.DIKCipher }) }},
		{"dik", func(n string) field[Identity] {
			return hexSecret(n, func(i *Identity) *Secret { return &i.DIK }, sensitive())
		}},
		{"pmk", func(n string) field[Identity] {
			return hexSecret(n, func(i *Identity) *Secret { return &i.PMK }, sensitive())
		}},
		{"pmkid", func(n string) field[Identity] {
			return hexBytes(n, func(i *Identity) *[]byte { return &i.PMKID }, sizes(16))
		}},
	})
})
