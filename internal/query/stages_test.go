package query_test

// specStages are all the ways in which the specification must hold.
func specStages() []specStage {
	return []specStage{memoryStage()}
}
