@main enum MonitorWriter { static func main() {} }
