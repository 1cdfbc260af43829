namespace Lampyris.Cli;

// The report of `inspect --trace` for machines.
internal static class TraceJson
{
    public static string Of(TraceReport report) => ReportJson.Write(isIndented: true, json =>
    {
        json.WriteStartArray("command");
        foreach (string argument in report.Command) json.WriteStringValue(argument);
        json.WriteEndArray();
        json.WriteNumber("exitCode", report.End.ExitCode);
        json.WriteNumber("programCount", report.ProgramCount);
        json.WriteNumber("taskCount", report.TaskCount);
        json.WriteNumber("loaderCallCount", report.LoaderCallCount);
        json.WriteNumber("otherCallCount", report.OtherCallCount);
        ReportJson.WriteNumber(json, "smallestMmapBytes", report.SmallestMmapBytes);
        json.WriteStartArray("calls");
        foreach (CallFigures call in report.Calls)
        {
            json.WriteStartObject();
            json.WriteString("call", call.Call switch { MemoryCall.BrkGrow => "brkGrow", MemoryCall.BrkShrink => "brkShrink", _ => TraceText.Name(call.Call) });
            json.WriteNumber("callCount", call.CallCount);
            json.WriteNumber("bytes", call.Bytes);
            json.WriteNumber("failedCount", call.FailedCount);
            json.WriteStartArray("sizes");
            foreach (CallSizes size in call.Sizes)
            {
                json.WriteStartObject();
                json.WriteNumber("fromBytes", size.FromBytes);
                ReportJson.WriteNumber(json, "belowBytes", size.BelowBytes);
                json.WriteNumber("callCount", size.CallCount);
                json.WriteNumber("bytes", size.Bytes);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
