namespace Halley.Server.Instances;

/// <summary>Periodic work that would be wrong, or wasted, if several instances did it: one of them does all of it.</summary>
internal sealed class WorkLease(InstancesOptions options, Leases leases, TimeProvider time, ILogger<WorkLease> logger)
    : HeldLease("periodic-work", leases, time, logger)
{
    /// <summary>True when this instance is to do it; always with a single one.</summary>
    public override bool IsHeld => !IsNeeded || base.IsHeld;

    protected override bool IsNeeded => options.AreSeveral;
}
