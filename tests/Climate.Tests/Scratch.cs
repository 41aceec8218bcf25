namespace Climate.Tests;

/// <summary>A directory for one test, removed at its end.</summary>
internal sealed class Scratch : IDisposable
{
    private readonly string path = Directory.CreateTempSubdirectory("climate-").FullName;

    public string this[string name] => System.IO.Path.Combine(path, name);

    public void Dispose() => Directory.Delete(path, recursive: true);
}
