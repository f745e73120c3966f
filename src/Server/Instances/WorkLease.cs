namespace Halley.Server.Instances;

/// <summary>The lease for periodic work that would be wrong, or wasted, if several instances did it. One instance does all of it.</summary>
internal sealed class WorkLease(InstancesOptions options, Leases leases, TimeProvider time, ILogger<WorkLease> logger)
    : HeldLease("periodic-work", leases, time, logger)
{
    /// <summary>True if this instance should do the work; always true for a single instance.</summary>
    public override bool IsHeld => !IsNeeded || base.IsHeld;

    protected override bool IsNeeded => options.AreSeveral;
}
