namespace LocalEngine.Tests;

/// <summary>Stands, in a build that is linked with Orleans, for the tests that are left out of it.</summary>
public sealed class OnlyOnTheLocalEngine
{
    [Fact]
    public void What_grains_rely_on_holds() =>
        Assert.Skip("Only on the local engine: this build is linked with Orleans itself, and what is tested here is how the local engine does the same.");
}
