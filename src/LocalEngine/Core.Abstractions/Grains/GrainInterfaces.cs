using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>Anything that can be called through a reference.</summary>
    public interface IAddressable;

    /// <summary>An interface that an activation answers beside those of its grain.</summary>
    public interface IGrainExtension : IAddressable;
}

namespace Orleans
{
    /// <summary>A grain.</summary>
    public interface IGrain : IAddressable;

    /// <summary>A grain whose key is a GUID.</summary>
    public interface IGrainWithGuidKey : IGrain;

    /// <summary>A grain whose key is a number.</summary>
    public interface IGrainWithIntegerKey : IGrain;

    /// <summary>A grain whose key is a text.</summary>
    public interface IGrainWithStringKey : IGrain;

    /// <summary>A grain whose key is a GUID and a text.</summary>
    public interface IGrainWithGuidCompoundKey : IGrain;

    /// <summary>A grain whose key is a number and a text.</summary>
    public interface IGrainWithIntegerCompoundKey : IGrain;

    /// <summary>An object of a client or grain that others notify.</summary>
    public interface IGrainObserver : IAddressable;

    /// <summary>A part of a silo that can be called.</summary>
    public interface ISystemTarget : IAddressable;
}

namespace Orleans.Services
{
    /// <summary>A service with a part on each silo.</summary>
    public interface IGrainService : ISystemTarget;

    /// <summary>What calls a grain service.</summary>
    public interface IGrainServiceClient<TGrainService>;
}
