using System.Reflection;
using Xunit.Sdk;

namespace Halley.Testing;

public enum TestDatabase
{
    Sqlite,
    PostgreSql,
}

/// <summary>Runs a scenario on both databases: first argument of the theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class DatabaseDataAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        Enum.GetValues<TestDatabase>().Select(database => new object[] { database });
}
