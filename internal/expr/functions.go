package expr

// functions is the table: to add one, write it in the file of its family and
// add its line here.
var functions = map[string]*Function{}
