using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Halley.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Protection : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "TrashBytes",
                table: "Volumes",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "TrashFiles",
                table: "Volumes",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "HardQuotaBytes",
                table: "Organizations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "QuotaLevel",
                table: "Organizations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "SoftQuotaBytes",
                table: "Organizations",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "FrozenAt",
                table: "Buckets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "HardQuotaBytes",
                table: "Buckets",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<DateTime>(
                name: "HoldBeforeUntil",
                table: "Buckets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "HoldDays",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "HoldDaysBefore",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<bool>(
                name: "IsBrakeOff",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<DateTime>(
                name: "LowerHoldAskedAt",
                table: "Buckets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "LowerHoldTo",
                table: "Buckets",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "QuotaLevel",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "SoftQuotaBytes",
                table: "Buckets",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<long>(
                name: "TrashBytes",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<long>(
                name: "TrashFiles",
                table: "Buckets",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateTable(
                name: "BucketDays",
                columns: table => new
                {
                    BucketId = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Day = table.Column<DateOnly>(type: "TEXT", nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: false),
                    Files = table.Column<long>(type: "INTEGER", nullable: false),
                    TrashBytes = table.Column<long>(type: "INTEGER", nullable: false),
                    DeletedFiles = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BucketDays", x => new { x.BucketId, x.Day });
                });

            migrationBuilder.CreateTable(
                name: "HoldClockMarks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    From = table.Column<DateTime>(type: "TEXT", nullable: false),
                    Until = table.Column<DateTime>(type: "TEXT", nullable: false),
                    LagTicks = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_HoldClockMarks", x => x.Id);
                });

            migrationBuilder.CreateIndex(
                name: "IX_BucketDays_Day",
                table: "BucketDays",
                column: "Day");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BucketDays");

            migrationBuilder.DropTable(
                name: "HoldClockMarks");

            migrationBuilder.DropColumn(
                name: "TrashBytes",
                table: "Volumes");

            migrationBuilder.DropColumn(
                name: "TrashFiles",
                table: "Volumes");

            migrationBuilder.DropColumn(
                name: "HardQuotaBytes",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "QuotaLevel",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "SoftQuotaBytes",
                table: "Organizations");

            migrationBuilder.DropColumn(
                name: "FrozenAt",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "HardQuotaBytes",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "HoldBeforeUntil",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "HoldDays",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "HoldDaysBefore",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "IsBrakeOff",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "LowerHoldAskedAt",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "LowerHoldTo",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "QuotaLevel",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "SoftQuotaBytes",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "TrashBytes",
                table: "Buckets");

            migrationBuilder.DropColumn(
                name: "TrashFiles",
                table: "Buckets");
        }
    }
}
