using Orchestrator.Grains.Access;
using Orchestrator.Load;

// `live`, `overload` or `all`, then --scale F and others of LoadOptions. Exit code 1: a goal was missed.
string[] runs = args.FirstOrDefault() switch
{
    "live" => ["live"],
    "overload" => ["overload"],
    "all" => ["live", "overload"],
    _ => throw new ArgumentException("live, overload or all"),
};
var options = LoadOptions.Read(args[1..]);
var report = new Report();
CallerContext.Set(CallerContext.System);
foreach (var run in runs)
{
    var directory = Directory.CreateTempSubdirectory("orchestrator-load-").FullName;
    try
    {
        await (run == "live" ? LiveRun.GoAsync(directory, options, report) : OverloadRun.GoAsync(directory, options, report));
    }
    finally
    {
        Directory.Delete(directory, recursive: true);
    }
}

return report.IsMissed ? 1 : 0;
