package conf

var (
	globalOrder  []string
	networkOrder []string
	credOrder    []string
)
