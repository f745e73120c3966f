using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Halley.Server.Tests.Layout;

public class LogEventTests
{
    [Fact]
    public void Numbers_of_log_events_are_unique_and_each_is_used_once()
    {
        var numbers = typeof(LogEvents).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (int)field.GetRawConstantValue()!).ToList();
        var used = typeof(LogEvents).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(
                BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .Select(message => message.EventId)
            .ToList();

        Assert.Equal(numbers.Distinct().Count(), numbers.Count);
        Assert.Equal(numbers.Order(), used.Order());
    }
}
