namespace Orleans;

/// <summary>The stages of a silo's or client's start, in rising order.</summary>
public static class ServiceLifecycleStage
{
    /// <summary>First.</summary>
    public const int First = int.MinValue;

    /// <summary>The runtime is set up.</summary>
    public const int RuntimeInitialize = 2_000;

    /// <summary>Its services start.</summary>
    public const int RuntimeServices = 4_000;

    /// <summary>Its storage starts.</summary>
    public const int RuntimeStorageServices = 6_000;

    /// <summary>Its services for grains start.</summary>
    public const int RuntimeGrainServices = 8_000;

    /// <summary>After its services for grains.</summary>
    public const int AfterRuntimeGrainServices = 8_100;

    /// <summary>The application's services start.</summary>
    public const int ApplicationServices = 10_000;

    /// <summary>The silo becomes known as active.</summary>
    public const int BecomeActive = Active - 1;

    /// <summary>On stop: grains are deactivated.</summary>
    public const int GrainDeactivation = BecomeActive - 1;

    /// <summary>On stop: the grain directory goes.</summary>
    public const int GrainDirectoryShutdown = GrainDeactivation - 1;

    /// <summary>It is checked that other silos can be reached.</summary>
    public const int ValidateInitialConnectivity = Active - 100;

    /// <summary>Calls are taken; startup tasks run.</summary>
    public const int Active = 20_000;

    /// <summary>Last.</summary>
    public const int Last = int.MaxValue;
}
