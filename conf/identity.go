package conf

import "sync"

// identityTable is the table of the identity blocks.
var identityTable = sync.OnceValue(func() *table[Identity] {
	return newTable(maxCredLine, "\t", []field[Identity]{
		num("dik_cipher", func(i *Identity) *int { return &i.DIKCipher }, 0),
		hexSecret("dik", func(i *Identity) *Secret { return &i.DIK }, sensitive()),
		hexSecret("pmk", func(i *Identity) *Secret { return &i.PMK }, sensitive()),
		hexBytes("pmkid", func(i *Identity) *[]byte { return &i.PMKID }, sizes(16)),
	})
})
