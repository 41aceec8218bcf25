namespace Orchestrator.Abstractions.Access;

/// <summary>Names under which <see cref="Orleans.Runtime.RequestContext"/> says who calls.</summary>
public static class CallerKeys
{
    /// <summary>A <see cref="Core.Accounts.Principal"/>. Believed of the gateway in the silo alone; what any other client puts here is thrown away.</summary>
    public const string Principal = "orchestrator.principal";

    /// <summary>The token of a client application, as in "id.secret". A silo checks it at each call.</summary>
    public const string Token = "orchestrator.token";
}
