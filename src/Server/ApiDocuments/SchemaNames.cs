namespace Halley.Server.ApiDocuments;

internal static class SchemaNames
{
    /// <summary><c>Page&lt;BucketInfo&gt;</c> becomes BucketInfoPage.</summary>
    public static string Of(Type type) =>
        type.IsGenericType ? string.Concat(type.GetGenericArguments().Select(Of))
            + type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : type.Name;
}
