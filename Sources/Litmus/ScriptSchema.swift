// SPDX-License-Identifier: MIT

internal import DRMDrivers

/// The JSON Schema of scripts, for editors.
///
/// It does not cover names and ranges: the reader checks them, and reports line and column.
public enum ScriptSchema {
  /// The schema, in JSON.
  public static let text = """
    {
      "title": "gemsync script",
      "type": "object",
      "required": ["version", "steps"],
      "additionalProperties": false,
      "properties": {
        "version": {"const": 1},
        "about": {"type": "string"},
        "nodes": {
          "type": "object",
          "additionalProperties": {
            "oneOf": [
              {"$ref": "#/$defs/drivers"},
              {
                "type": "object", "required": ["drivers"], "additionalProperties": false,
                "properties": {
                  "drivers": {"$ref": "#/$defs/drivers"},
                  "claims": {"enum": [\(list(ScriptNode.CoherencyClaim.allCases.map(\.rawValue)))]}
                }
              }
            ]
          }
        },
        "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/step"}}
      },
      "$defs": {
        "drivers": {"type": "array", "minItems": 1, "items": {"enum": [\(list(ScriptDriver.allCases.map(\.name)))]}},
        "name": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "bytes": {"type": ["integer", "string"], "pattern": "^(0x[0-9a-fA-F]+|[0-9]+)[KMG]?$", "minimum": 0},
        "number": {"type": ["integer", "string"], "pattern": "^(0x[0-9a-fA-F]+|[0-9]+)$", "minimum": 0},
        "access": {"enum": [\(list(ScriptAccessType.allCases.map(\.rawValue)))]},
        "buffer": {
          "type": "object", "required": ["bo"], "additionalProperties": false,
          "properties": {"bo": {"$ref": "#/$defs/name"}}
        },
        "bracket": {
          "type": "object", "required": ["bo", "access"], "additionalProperties": false,
          "properties": {"bo": {"$ref": "#/$defs/name"}, "access": {"$ref": "#/$defs/access"}}
        },
        "write": {
          "type": "object", "required": ["bo"], "additionalProperties": false,
          "properties": {
            "bo": {"$ref": "#/$defs/name"}, "offset": {"$ref": "#/$defs/bytes"},
            "size": {"$ref": "#/$defs/bytes"}, "as": {"$ref": "#/$defs/name"}
          }
        },
        "read": {
          "type": "object", "required": ["bo"], "additionalProperties": false,
          "properties": {
            "bo": {"$ref": "#/$defs/name"}, "offset": {"$ref": "#/$defs/bytes"},
            "size": {"$ref": "#/$defs/bytes"}, "sees": {"$ref": "#/$defs/name"}
          }
        },
        "sync": {
          "type": "object", "required": ["bo"], "additionalProperties": false,
          "oneOf": [{"required": ["op"]}, {"required": ["for", "access"]}],
          "properties": {
            "bo": {"$ref": "#/$defs/name"}, "offset": {"$ref": "#/$defs/bytes"},
            "size": {"$ref": "#/$defs/bytes"},
            "op": {"enum": ["flush", "flush_and_invalidate"]},
            "for": {"enum": [\(list(ScriptAccessor.allCases.map(\.rawValue)))]},
            "access": {"$ref": "#/$defs/access"},
            "method": {"enum": [\(list(ScriptSync.Method.allCases.map(\.rawValue)))]}
          }
        },
        "step": {
          "type": "object", "minProperties": 1, "maxProperties": 2, "additionalProperties": false,
          "properties": {
            "errno": {"type": "string"},
            "create": {
              "type": "object", "required": ["bo", "size"], "additionalProperties": false,
              "properties": {
                "bo": {"$ref": "#/$defs/name"}, "size": {"$ref": "#/$defs/bytes"},
                "node": {"$ref": "#/$defs/name"},
                "flags": {"type": "array", "items": {"enum": [\(list(DriverFacts.CreationFlag.allCases.map(\.rawValue)))]}}
              }
            },
            "map": {
              "type": "object", "required": ["bo"], "additionalProperties": false,
              "properties": {"bo": {"$ref": "#/$defs/name"}, "through": {"enum": ["node", "dma_buf"]}}
            },
            "unmap": {"$ref": "#/$defs/buffer"},
            "close": {"$ref": "#/$defs/buffer"},
            "export": {"$ref": "#/$defs/buffer"},
            "import": {
              "type": "object", "required": ["bo", "from"], "additionalProperties": false,
              "properties": {
                "bo": {"$ref": "#/$defs/name"}, "from": {"$ref": "#/$defs/name"},
                "node": {"$ref": "#/$defs/name"}
              }
            },
            "write": {"$ref": "#/$defs/write"},
            "read": {"$ref": "#/$defs/read"},
            "begin": {"$ref": "#/$defs/bracket"},
            "end": {"$ref": "#/$defs/bracket"},
            "sync": {
              "oneOf": [
                {"$ref": "#/$defs/sync"},
                {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/sync"}}
              ]
            },
            "submit": {
              "type": "object", "required": ["job", "do"], "additionalProperties": false,
              "properties": {
                "job": {"$ref": "#/$defs/name"}, "node": {"$ref": "#/$defs/name"},
                "queue": {"$ref": "#/$defs/name"},
                "after": {"type": "array", "items": {"$ref": "#/$defs/name"}},
                "do": {
                  "type": "array", "minItems": 1,
                  "items": {
                    "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": false,
                    "properties": {
                      "read": {"$ref": "#/$defs/read"}, "write": {"$ref": "#/$defs/write"},
                      "sync_wait": {
                        "type": "object", "required": ["bo", "value"], "additionalProperties": false,
                        "properties": {
                          "bo": {"$ref": "#/$defs/name"}, "offset": {"$ref": "#/$defs/bytes"},
                          "value": {"$ref": "#/$defs/number"}
                        }
                      },
                      "sync_set": {
                        "type": "object", "required": ["bo", "value"], "additionalProperties": false,
                        "properties": {
                          "bo": {"$ref": "#/$defs/name"}, "offset": {"$ref": "#/$defs/bytes"},
                          "value": {"$ref": "#/$defs/number"}, "as": {"$ref": "#/$defs/name"}
                        }
                      }
                    }
                  }
                }
              }
            },
            "wait": {
              "type": "object", "required": ["job"], "additionalProperties": false,
              "properties": {"job": {"$ref": "#/$defs/name"}}
            }
          }
        }
      }
    }

    """

  private static func list(_ values: [String]) -> String {
    values.map { "\"\($0)\"" }.joined(separator: ", ")
  }
}
